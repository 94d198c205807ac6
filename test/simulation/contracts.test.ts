import { describe, expect, it } from 'vitest';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { controlPlaneContract } from '../contract/control-plane.contract.ts';
import { eventLogContract } from '../contract/event-log.contract.ts';
import { describeFeaturizer } from '../contract/featurizer.contract.ts';
import { modelStoreContract } from '../contract/model-store.contract.ts';
import { describeRegressor } from '../contract/regressor.contract.ts';
import { predictions } from '../contract/result-store.contract.ts';
import { damageModel } from '../support/simulation/simulated-model-store.ts';
import { createWorld } from '../support/simulation/world.ts';

const remove = async () => {};

describe('simulated event log without faults', () => {
  eventLogContract(async () => {
    const node = createWorld({ seed: 1 }).node('only');
    return { open: async () => node.restart().log, remove };
  });
});

describe('simulated model store without faults', () => {
  modelStoreContract(async () => {
    const world = createWorld({ seed: 1 });
    return {
      open: async () => world.node('only').restart().modelStore,
      damage: async (_, name) => damageModel(world.stored.models, name),
      remove,
    };
  });
});

describe('simulated control plane without faults', () => {
  controlPlaneContract(async () => {
    const world = createWorld({ seed: 1 });
    return { plane: world.node('only').ports().controlPlane, pass: world.clock.advance, remove };
  });
});

describeRegressor('stumps in this thread', () => createWorld({ seed: 1 }).node('only').ports().regressor);
describeFeaturizer('in this thread', () => createWorld({ seed: 1 }).node('only').ports().featurizer);

// The port's suite queries with SQL, which the simulated store does not support.
describe('simulated result store without faults', () => {
  const batch = { campaign: 'c', round: 1, epoch: 2, snapshotHash: 'h1:00', partitions: [0, 1, 2] };
  const open = () => {
    const world = createWorld({ seed: 1 });
    return { store: world.node('only').ports().resultStore, results: world.stored.results };
  };

  it('keeps one row per key: of the higher epoch, else the later one', async () => {
    const { store, results } = open();
    await store.storePredictions(batch, predictions(50));
    await store.storePredictions(batch, predictions(50).reverse());
    await store.storePredictions({ ...batch, epoch: 1 }, [{ ...predictions(1)[0]!, mean: 7 }]);
    expect(results.predictions.size).toBe(50);
    expect([...results.predictions.values()]).toContainEqual({
      campaign: 'c',
      round: 1,
      epoch: 2,
      snapshotHash: 'h1:00',
      ...predictions(1)[0],
    });
    expect(await store.storedPredictions('c')).toEqual([{ round: 1, snapshotHash: 'h1:00', partitions: [0, 1, 2] }]);
  });

  it('notes no partition whose rows fail', async () => {
    const { store } = open();
    const bad = store.storePredictions(batch, [{ ...predictions(1)[0]!, mean: Number.NaN }]);
    await expect(bad).rejects.toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('mp-0') });
    expect(await store.storedPredictions('c')).toEqual([]);
  });

  it('thins out earlier rounds to what was selected', async () => {
    const { store, results } = open();
    for (const round of [1, 2]) await store.storePredictions({ ...batch, round }, predictions(10));
    const materialId = parseMaterialId('mp-4');
    await store.storeSelections([{ campaign: 'c', round: 1, epoch: 1, rank: 1, materialId, score: 7, why: 'random' }]);
    await store.thinPredictionsBefore({ campaign: 'c', round: 2 });
    const rounds = [...results.predictions.values()].map((row) => (row as { round: number }).round);
    expect(rounds.filter((round) => round === 1)).toHaveLength(1);
    expect(rounds.filter((round) => round === 2)).toHaveLength(10);
  });
});
