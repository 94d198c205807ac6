import { describe, expect, it } from 'vitest';
import {
  createInlineExecutor,
  createWorkerPool,
  type Executor,
  inOrder,
} from '../../../src/cli/featurize/worker-pool.ts';

async function* numbers(n: number): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) yield i;
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function scriptUrl(source: string): URL {
  return new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; ${source}`)}`,
  );
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

describe('createWorkerPool', () => {
  it('answers each input', async () => {
    const pool = createWorkerPool<number, number>(
      scriptUrl(`parentPort.on('message', (n) => parentPort.postMessage(n * n))`),
      undefined,
      2,
    );
    expect(await collected(inOrder(numbers(50), pool))).toEqual([...Array(50).keys()].map((n) => n * n));
    await pool.close();
  });

  it.each([
    ['throws', `throw new RangeError('boom')`, /boom/],
    ['exits', 'process.exit(3)', /stopped with code 3/],
  ])('fails at once where a worker %s', async (_, action, message) => {
    const pool = createWorkerPool<number, number>(
      scriptUrl(`parentPort.on('message', (n) => { if (n === 7) { ${action} } parentPort.postMessage(n); })`),
      undefined,
      2,
    );
    await expect(collected(inOrder(numbers(50), pool))).rejects.toThrow(message);
    await pool.close();
  });

  it('fails what runs when it is closed', async () => {
    const pool = createWorkerPool<number, number>(scriptUrl(`parentPort.on('message', () => {})`), undefined, 1);
    const never = pool.run(1);
    await Promise.all([expect(never).rejects.toThrow('stopped'), pool.close()]);
    await expect(pool.run(2)).rejects.toThrow('stopped');
  });
});
