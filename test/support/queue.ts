/** A stream that a test feeds as it goes. */
export interface Queue<T> {
  put(item: T): void;
  items(): AsyncGenerator<T>;
}

export function createQueue<T>(): Queue<T> {
  const waiting: T[] = [];
  let wake = () => {};
  return {
    put(item) {
      waiting.push(item);
      wake();
    },
    async *items() {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift()!;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
