/**
 * Wraps a generator so that its waits end when the iterating code stops. A generator's own `return()` takes effect only
 * after a pending `next()`, which may never end.
 * @param generate must end soon after the signal aborts
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
