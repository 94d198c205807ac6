/** A queue of answers. The reader may be slower than the writer. */
export interface AnswerQueue<T> {
  put(answers: readonly T[]): void;
  /** Ends the queue. With an error, reading fails with it after the answers that came before. */
  end(failure?: { readonly error: unknown }): void;
  /** Yields the answers until the end or the signal's abort. */
  read(signal: AbortSignal): AsyncGenerator<T, void>;
}

export function createAnswerQueue<T>(): AnswerQueue<T> {
  const waiting: T[] = [];
  let ended: { readonly failure: { readonly error: unknown } | undefined } | undefined;
  let wake = () => {};
  return {
    put(answers) {
      for (const answer of answers) waiting.push(answer);
      wake();
    },
    end(failure) {
      ended ??= { failure };
      wake();
    },
    async *read(signal) {
      signal.addEventListener('abort', () => wake());
      while (!signal.aborted) {
        if (waiting.length > 0) yield waiting.shift()!;
        else if (ended?.failure) throw ended.failure.error;
        else if (ended) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
