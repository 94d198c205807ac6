import { describe, expect, it } from 'vitest';
import { createInlineExecutor, type Executor, inOrder } from '../../../src/adapters/worker-threads/executor.ts';

async function* numbers(n: number): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) yield i;
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('inOrder', () => {
  it('keeps the order whatever takes longest, and runs no more at a time than wanted', async () => {
    let [running, most] = [0, 0];
    const executor: Executor<number, number> = {
      appetite: 4,
      async run(i) {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, i % 3 ? 1 : 8));
        running--;
        return i;
      },
      close: async () => {},
    };
    expect(await collected(inOrder(numbers(20), executor))).toEqual([...Array(20).keys()]);
    expect(most).toBe(4);
  });

  it('hands outputs on while the source is silent, and fails while it is', async () => {
    async function* silent(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      await new Promise(() => {});
    }
    const run = async (i: number) => {
      if (i === 2) throw new Error('two');
      return i;
    };
    const outputs = inOrder(silent(), { appetite: 4, run, close: async () => {} });
    expect(await outputs.next()).toEqual({ done: false, value: 1 });
    await expect(outputs.next()).rejects.toThrow('two');
  });

  it('passes a failure on in its turn', async () => {
    const executor = createInlineExecutor((i: number) => {
      if (i === 2) throw new Error('two');
      return i;
    });
    const seen: number[] = [];
    const run = async () => {
      for await (const i of inOrder(numbers(5), executor)) seen.push(i);
    };
    await expect(run()).rejects.toThrow('two');
    expect(seen).toEqual([0, 1]);
  });
});
