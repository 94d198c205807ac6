/*
 * Invariants:
 * 1. At most `openMax` items have been pulled and not released: beyond, the stream is not pulled, which holds back
 *    whoever sends.
 * 2. The stream is pulled while what has arrived is worked on, and never twice at a time.
 */

/** Pulls a stream ahead of the work on it, within bounds. */
export interface Intake<T> {
  /**
   * What has arrived, in order, and none behind one that is `last`; waits for the first. Nothing at the stream's end.
   * @throws the stream's error, after what came before it
   */
  take(isLast: (item: T) => boolean): Promise<readonly T[]>;
  /** So many are done with. */
  release(count: number): void;
  /** Pulls no more, and ends a wait. */
  close(): void;
}

export function createIntake<T>(items: AsyncIterable<T>, openMax: number): Intake<T> {
  const iterator = items[Symbol.asyncIterator]();
  const arrived: T[] = [];
  let open = 0;
  let pulling = false;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};

  async function pull(): Promise<void> {
    if (pulling) return; // 2
    pulling = true;
    try {
      while (!ended && open < openMax) {
        const next = await iterator.next();
        if (next.done) ended = true;
        else {
          open++; // 1
          arrived.push(next.value);
        }
        wake();
      }
    } catch (error) {
      ended = true;
      failure = { error };
      wake();
    } finally {
      pulling = false;
    }
  }

  void pull();
  return {
    async take(isLast) {
      while (arrived.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (arrived.length === 0 && failure) throw failure.error;
      const last = arrived.findIndex(isLast);
      return arrived.splice(0, last < 0 ? arrived.length : last + 1);
    },
    release(count) {
      open -= count;
      void pull();
    },
    close() {
      ended = true;
      wake();
      // Not awaited: a stream that waits for its next item may never answer.
      iterator.return?.().catch(() => {});
    },
  };
}
