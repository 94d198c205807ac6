import { describe, expect, it } from 'vitest';
import { predictEnsemble } from '../../src/kernels/tree-ensemble/predict.ts';
import { parseTreeEnsemble } from '../../src/kernels/tree-ensemble/tree-ensemble.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { predictions } from '../contract/result-store.contract.ts';
import { hashOf } from '../support/campaigns.ts';
import { collected } from '../support/events.ts';
import { BINNING, SETTINGS, syntheticData } from '../support/lightgbm.ts';
import { createSeededRandom } from '../support/simulation/seeded-random.ts';
import { syntheticItems } from '../support/simulation/simulated-source.ts';
import { createWorld, type WorldOptions } from '../support/simulation/world.ts';

const DAY_MS = 86_400_000;
const UNAVAILABLE = { code: 'unavailable', retryable: true };

function open(options: Partial<WorldOptions> = {}) {
  const world = createWorld({ seed: 1, ...options });
  const node = world.node('n');
  return { ...node.ports(), world, node, run: <T>(promise: Promise<T>) => world.clock.outcome(promise, 2 * DAY_MS) };
}

describe('a node that crashed', () => {
  it('hears of nothing any more, and its next life starts afresh on what is stored', async () => {
    const { world, node, clock, modelStore } = open({ faults: { delay: 1 } });
    const heard: string[] = [];
    const hear = (name: string) => () => void heard.push(name);
    void clock.sleep(5).then(hear('sleep'));
    const putting = modelStore.put(Buffer.from('model'));
    void putting.then(hear('put'), hear('put'));
    node.crash();
    void modelStore.list()[Symbol.asyncIterator]().next().then(hear('list'), hear('list'));
    await world.clock.advance(DAY_MS);
    expect(heard).toEqual([]);
    const next = node.restart();
    const name = await world.clock.outcome(next.modelStore.put(Buffer.from('model')), DAY_MS);
    expect([...world.stored.models.keys()]).toEqual([name]);
    await expect(node.ports().clock.sleep(0, AbortSignal.abort())).resolves.toBeUndefined();
  });

  it('leaves open whether its last call took place', async () => {
    const stored = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      const { world, node, modelStore } = open({ seed, faults: { delay: 1 } });
      void modelStore.put(Buffer.from('model'));
      node.crash();
      await world.clock.advance(DAY_MS);
      stored.add(world.stored.models.size);
    }
    expect([...stored].sort()).toEqual([0, 1]);
  });
});

describe('simulated control plane', () => {
  it('loses a lease before its time, and its holder learns it by renewing', async () => {
    const { world, controlPlane } = open({ faults: { leaseLost: 1 } });
    expect(await controlPlane.acquireLease('campaign', 'a', 1000)).toBeDefined();
    await world.clock.advance(999);
    expect(await world.node('other').ports().controlPlane.acquireLease('campaign', 'b', 1000)).toBeDefined();
    expect(await controlPlane.acquireLease('campaign', 'a', 1000)).toBeUndefined();
  });

  it('may be out of reach, and may lose progress', async () => {
    const refused = open({ faults: { controlRefused: 1 } });
    await expect(refused.controlPlane.nodes()).rejects.toMatchObject(UNAVAILABLE);
    const { controlPlane } = open({ faults: { progressLost: 1 } });
    let seen = 0;
    await controlPlane.watchProgress('c', () => seen++);
    await controlPlane.publishProgress({ campaign: 'c', round: 1, step: 'train', done: 1, total: 2 });
    expect(seen).toBe(0);
  });
});

describe('an outage', () => {
  it('refuses everything from its beginning to its end', async () => {
    const { world, modelStore } = open({ outages: [{ fault: 'modelsRefused', fromMs: 1000, toMs: 2000 }] });
    const outcomes: unknown[] = [];
    for (const ms of [500, 600, 800, 200]) {
      await world.clock.advance(ms);
      outcomes.push(await modelStore.get('x' as never).catch((error) => error.code));
    }
    expect(outcomes).toEqual([undefined, 'unavailable', 'unavailable', undefined]);
  });
});

describe('simulated stores', () => {
  it('lose and damage models', async () => {
    const lost = open({ faults: { modelLost: 1 } }).modelStore;
    expect(await lost.get(await lost.put(Buffer.from('model')))).toBeUndefined();
    const damaged = open({ faults: { modelDamaged: 1 } }).modelStore;
    await expect(damaged.get(await damaged.put(Buffer.from('model')))).rejects.toMatchObject({
      code: 'storage_corrupt',
    });
  });

  it('store some rows and reject, without noting the partitions', async () => {
    const { resultStore, world } = open({ faults: { resultsCut: 1 } });
    const round = { campaign: 'c', round: 1 };
    const batch = { ...round, epoch: 1, snapshotHash: 'h1:00', partitions: [0] };
    await expect(resultStore.storePredictions(batch, predictions(5))).rejects.toMatchObject(UNAVAILABLE);
    expect(world.stored.results.predictions.size).toBe(1);
    expect(await resultStore.storedPredictions('c')).toEqual([]);
  });
});

describe('simulated calculator', () => {
  const job = (i: number, attempt = 1) => ({
    calculationId: hashOf(`calculation ${i}`),
    attempt,
    materialId: parseMaterialId(`m${i}`),
    materialHash: hashOf('m'),
    recipe: '{}',
  });

  it('completes, fails and gives NaN by its script, whatever the faults of the world', async () => {
    const outcomes = async (seed: number, faults: WorldOptions['faults'] = {}) => {
      const { calculator, run } = open({
        seed,
        faults,
        calculations: { failing: 0.3, notANumber: 0.2, neverReturning: 0 },
      });
      return run(Promise.all([...Array(40).keys()].map((i) => calculator.run(job(i), new AbortController().signal))));
    };
    const results = await outcomes(1);
    expect(await outcomes(2, { delay: 0.5 })).toEqual(results);
    const nan = results.filter((result) => result.outcome === 'completed' && Number.isNaN(result.values.k_vrh));
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    for (const { length } of [nan, failed]) expect(length).toBeGreaterThan(2);
    expect(nan.length + failed.length).toBeLessThan(35);
  });

  it('goes on with a job whose node died, and never starts it again', async () => {
    const { calculator, world, node } = open({ calculations: { failing: 0, notANumber: 0, neverReturning: 0 } });
    const signal = new AbortController().signal;
    void calculator.run(job(1), signal);
    await world.clock.advance(1000);
    node.crash();
    const [begun] = [...world.stored.jobs.values()];
    await world.clock.outcome(node.restart().calculator.run(job(1), signal), DAY_MS);
    expect(world.clock.now()).toBe(begun!.finished);
    expect([...world.stored.jobs.values()]).toEqual([begun]);
  });

  it('may never return, until nobody waits any more', async () => {
    const { calculator, world, run } = open({ calculations: { failing: 0, neverReturning: 1 } });
    const stop = new AbortController();
    const running = calculator.run(job(1), stop.signal);
    void world.clock.sleep(DAY_MS).then(() => stop.abort());
    await expect(run(running)).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('simulated source', () => {
  const items = syntheticItems(60, createSeededRandom(1));

  it('gives the items as they are, always the same ones', async () => {
    const { source } = open();
    expect(await collected(source('s', items).read())).toEqual(items);
    expect(syntheticItems(60, createSeededRandom(1))).toEqual(items);
    const kinds = items.map((item) => (item.kind === 'material' && item.label ? 'label' : item.kind));
    expect(new Set(kinds)).toEqual(new Set(['label', 'material', 'rejection']));
  });

  it('fails on the way', async () => {
    const { source } = open({ faults: { sourceCut: 0.1 } });
    const read: unknown[] = [];
    const reading = async () => {
      for await (const item of source('s', items).read()) read.push(item);
    };
    await expect(reading()).rejects.toMatchObject(UNAVAILABLE);
    expect(items.slice(0, read.length)).toEqual(read);
    expect(read.length).toBeGreaterThan(0);
  });
});

describe('simulated regressor', () => {
  const { matrix, targets } = syntheticData(200, 14, 1);
  const task = { rows: Int32Array.from(targets.keys()), targets, seed: 3, settings: SETTINGS };

  it('learns: its trees explain half of the variance, and read as LightGBM text', async () => {
    const data = await open().regressor.bin(matrix, BINNING);
    const { modelText } = await data.train({ ...task, settings: { ...SETTINGS, trees: 100 } });
    const predicted = predictEnsemble(parseTreeEnsemble(modelText), matrix.values);
    const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
    const squares = (values: (i: number) => number) => targets.reduce((sum, y, i) => sum + (y - values(i)) ** 2, 0);
    expect(squares((i) => predicted[i]!)).toBeLessThan(0.5 * squares(() => mean));
    expect(parseTreeEnsemble(modelText).columns).toBe(14);
  });

  it('gives the same text on every node, and loses a worker at times', async () => {
    const texts = await Promise.all(
      [1, 2].map(async (seed) => {
        const { regressor, run } = open({ seed, faults: { delay: 0.5 } });
        const data = await run(regressor.bin(matrix, BINNING));
        return (await run(data.train(task))).modelText;
      }),
    );
    expect(texts[0]).toBe(texts[1]);
    const data = await open({ faults: { workerLost: 1 } }).regressor.bin(matrix, BINNING);
    await expect(data.train(task)).rejects.toMatchObject({ code: 'internal', retryable: true });
  });
});
