/**
 * What a generator gives, one iteration of it. Its waits end when whoever iterates stops: `return()` of a generator by
 * itself takes effect only once a pending `next()` is over, which may be never.
 * @param generate ends soon after the signal
 */
export function stoppableStream<T>(generate: (signal: AbortSignal) => AsyncGenerator<T, void>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const stopping = new AbortController();
      const generator = generate(stopping.signal);
      return {
        next: () => generator.next(),
        return() {
          stopping.abort();
          return generator.return();
        },
      };
    },
  };
}
