import { afterEach, describe, expect, it } from 'vitest';
import { createWorkerPool, WorkerLost, type WorkerPool } from '../../../src/adapters/worker-threads/worker-pool.ts';
import { moduleUrl, workerAnswering } from '../../support/worker-scripts.ts';

let opened: WorkerPool<number, number> | undefined;
afterEach(() => opened?.close());

function open(script: URL, size = 2, options: { loadMax?: number; workerData?: unknown } = {}) {
  const weigh = (n: number) => (n >= 100 ? n : 1);
  opened = createWorkerPool<number, number>({ script, size, weigh, loadMax: 10, ...options });
  return opened;
}

const upTo = (count: number) => [...Array(count).keys()];

describe('a pool of worker threads', () => {
  it('answers each input', async () => {
    const pool = open(workerAnswering('answer(n * n)'));
    expect(await Promise.all(upTo(200).map((n) => pool.run(n)))).toEqual(upTo(200).map((n) => n * n));
  });

  it.each([
    ['throws', `throw new RangeError('boom')`, /boom/],
    ['exits', 'process.exit(3)', /stopped with code 3/],
    ['runs out of memory', 'const all = []; for (;;) all.push(new Array(1000).fill(n))', /memory/],
  ])('fails what a worker is at that %s, and nothing else', async (_, action, message) => {
    const script = workerAnswering(`if (n % 10 === 7) { ${action} } answer(n)`);
    opened = createWorkerPool<number, number>({
      ...{ script, size: 2, weigh: () => 1, loadMax: 10 },
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    });
    const outcomes = await Promise.allSettled(upTo(40).map((n) => opened!.run(n)));
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 10 !== 7) expect(outcome).toEqual({ status: 'fulfilled', value: n });
      else expect(outcome).toMatchObject({ reason: { name: 'WorkerLost', message: expect.stringMatching(message) } });
    }
    await expect(opened.run(7)).rejects.toBeInstanceOf(WorkerLost);
    expect(await opened.run(8)).toBe(8);
  });

  it('blames nobody for a worker that does not get ready', async () => {
    const pool = open(moduleUrl(`throw new Error('no such library')`));
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure = await pool.run(1).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'internal', retryable: true, message: /could not be.*no such library/ });
      expect(failure).not.toBeInstanceOf(WorkerLost);
    }
  });

  it('puts nothing behind a heavy input while another worker is free', async () => {
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const script = moduleUrl(`
      import { parentPort, workerData } from 'node:worker_threads';
      parentPort.on('message', (n) => {
        if (n < 100) Atomics.add(workerData, 0, 1);
        else while (Atomics.load(workerData, 0) < 50);
        parentPort.postMessage(n);
      });
      parentPort.postMessage('ready');`);
    const pool = open(script, 2, { workerData: answered });
    const inputs = [100, ...upTo(50)];
    expect(await Promise.all(inputs.map((n) => pool.run(n)))).toEqual(inputs);
  });

  it('fails what runs and what waits when it is closed, and takes nothing more', async () => {
    const pool = open(workerAnswering(''), 1, { loadMax: 1 });
    const never = [1, 2, 3].map((n) => expect(pool.run(n)).rejects.toMatchObject({ code: 'closed' }));
    await Promise.all([...never, pool.close()]);
    await expect(pool.run(4)).rejects.toMatchObject({ code: 'closed' });
    await pool.close();
  });
});
