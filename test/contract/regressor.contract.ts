import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BinnedData, Regressor, TrainingTask } from '../../src/ports/regressor.ts';
import { BINNING, SETTINGS, syntheticData } from '../support/lightgbm.ts';
import { createSeededRandom } from '../support/simulation/seeded-random.ts';

const ROWS = 600;
const { matrix, targets } = syntheticData(ROWS, 14, 1);

/** A member's task: 80 % of the rows, drawn by its seed. */
function task(seed: number, settings = SETTINGS): TrainingTask {
  const random = createSeededRandom(seed).uniform;
  const rows = Int32Array.from({ length: ROWS }, (_, row) => row).filter(() => random() < 0.8);
  return { rows, targets: Float64Array.from(rows, (row) => targets[row]!), seed, settings };
}

const LONG = { ...SETTINGS, trees: 1_000_000, learningRate: 1e-6 };

/** The contract of every Regressor. `create` creates one with this many workers. */
export function describeRegressor(name: string, create: (workers: number) => Regressor): void {
  describe(`Regressor: ${name}`, () => {
    let regressor: Regressor;
    let data: BinnedData;
    beforeEach(async () => {
      regressor = create(2);
      data = await regressor.bin(matrix, BINNING);
    });
    afterEach(() => regressor.close());

    it('gives a model text and the hash that identifies its trees', async () => {
      const booster = await data.train(task(1));
      expect(booster.treesHash).toMatch(/^h1:[0-9a-f]{64}$/);
      expect(regressor.treesHash(booster.modelText)).toBe(booster.treesHash);
      expect((await data.train(task(2))).treesHash).not.toBe(booster.treesHash);
    });

    it('gives the same trees alone and beside others, on 1, 2 and 3 workers', async () => {
      const tasks = Array.from({ length: 8 }, (_, seed) => task(seed, { ...SETTINGS, featureFraction: 0.5 }));
      const alone: string[] = [];
      for (const one of tasks) alone.push((await data.train(one)).treesHash);
      for (const workers of [1, 2, 3]) {
        const other = create(workers);
        const otherData = await other.bin(matrix, BINNING);
        const beside = await Promise.all(tasks.map((one) => otherData.train(one)));
        expect(beside.map((booster) => booster.treesHash)).toEqual(alone);
        await other.close();
      }
      expect(new Set(alone).size).toBe(tasks.length);
    });

    it('depends on the rows and targets of the task only, not on other tasks on the same bins', async () => {
      const first = task(1);
      const others = { ...first, targets: first.targets.map((target) => -target) };
      const [a, b, again] = await Promise.all([data.train(first), data.train(others), data.train(first)]);
      expect(again.treesHash).toBe(a.treesHash);
      expect(b.treesHash).not.toBe(a.treesHash);
    });

    it('reports progress', async () => {
      const grown: number[] = [];
      const stop = new AbortController();
      const onProgress = (trees: number) => {
        grown.push(trees);
        if (grown.length === 2) stop.abort();
      };
      const training = data.train(task(1, LONG), { signal: stop.signal, onProgress });
      await expect(training).rejects.toMatchObject({ code: 'interrupted' });
      expect(grown[0]).toBeGreaterThan(0);
      expect(grown[1]).toBeGreaterThan(grown[0]!);
    });

    it('stops a task under way, one that waits and one not yet given', async () => {
      const stop = new AbortController();
      const running = [1, 2, 3, 4].map((seed) => data.train(task(seed, LONG), { signal: stop.signal }));
      const outcomes = Promise.allSettled(running);
      setTimeout(() => stop.abort(), 100);
      for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'interrupted' } });
      const late = data.train(task(5), { signal: stop.signal });
      await expect(late).rejects.toMatchObject({ code: 'interrupted' });
      await expect(data.train(task(5))).resolves.toBeDefined();
    });

    it('stops a task that waits without waiting for those under way', async () => {
      const [stopRunning, stopWaiting] = [new AbortController(), new AbortController()];
      const running = [1, 2].map((seed) => data.train(task(seed, LONG), { signal: stopRunning.signal }));
      const waiting = data.train(task(3), { signal: stopWaiting.signal });
      const outcomes = Promise.allSettled(running);
      stopWaiting.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
      stopRunning.abort();
      for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'interrupted' } });
    });

    it('finishes what is under way before it releases data, and refuses it afterwards', async () => {
      const training = data.train(task(1));
      await Promise.all([data.release(), data.release()]);
      await expect(training).resolves.toBeDefined();
      await expect(data.train(task(1))).rejects.toMatchObject({ code: 'interrupted' });
    });

    it('closes while it works: tasks fail as interrupted, nothing hangs', async () => {
      const running = Promise.allSettled([1, 2, 3].map((seed) => data.train(task(seed, LONG))));
      const binning = Promise.allSettled([regressor.bin(matrix, BINNING)]);
      await Promise.all([regressor.close(), regressor.close()]);
      for (const outcome of await running) expect(outcome).toMatchObject({ reason: { code: 'interrupted' } });
      await binning;
      await expect(regressor.bin(matrix, BINNING)).rejects.toMatchObject({ code: 'interrupted' });
    });

    it('refuses data and tasks that make no sense, by name, and goes on', async () => {
      const good = task(1);
      const bad: [string, TrainingTask][] = [
        ['at least one training row', { ...good, rows: new Int32Array(0), targets: new Float64Array(0) }],
        ['targets', { ...good, targets: good.targets.slice(1) }],
        ['must ascend', { ...good, rows: good.rows.toReversed() }],
        ['not in the training data', { ...good, rows: good.rows.map((row) => row + ROWS) }],
        ['not in the training data', { ...good, rows: good.rows.map((row) => row - ROWS) }],
        ['NaN', { ...good, targets: good.targets.map(() => Number.NaN) }],
        ['finite', { ...good, targets: good.targets.map(() => 1e39) }],
        ['seed', { ...good, seed: -1 }],
        ['leavesMax', { ...good, settings: { ...SETTINGS, leavesMax: 1 } }],
        ['featureFraction', { ...good, settings: { ...SETTINGS, featureFraction: 0 } }],
        ['learningRate', { ...good, settings: { ...SETTINGS, learningRate: Number.NaN } }],
      ];
      for (const [what, one] of bad) {
        await expect(data.train(one), what).rejects.toMatchObject({
          code: 'invalid_argument',
          message: expect.stringContaining(what),
        });
      }
      const short = { ...matrix, values: matrix.values.slice(1) };
      await expect(regressor.bin(short, BINNING)).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(regressor.bin(matrix, { ...BINNING, binsMax: 1 })).rejects.toThrow('binsMax');
      await expect(data.train(good)).resolves.toBeDefined();
    });

    it('trains on a single row, on equal targets and on columns without information', async () => {
      const one = { ...task(1), rows: Int32Array.of(3), targets: Float64Array.of(42) };
      await expect(data.train(one)).resolves.toBeDefined();
      const equal = { ...task(1), targets: task(1).targets.fill(5) };
      await expect(data.train(equal)).resolves.toBeDefined();
      const empty = await regressor.bin(
        { rows: 50, columns: 2, values: new Float64Array(100).fill(Number.NaN) },
        BINNING,
      );
      const rows = Int32Array.from({ length: 50 }, (_, row) => row);
      await expect(empty.train({ ...task(1), rows, targets: Float64Array.from(rows) })).resolves.toBeDefined();
    });
  });
}
