import { describe, expect, it } from 'vitest';
import { type RestoringParts, restorePredictions } from '../../../services/training-shard/prediction-restoring.ts';
import {
  createPredictionStorage,
  type PartitionsToStore,
  type PredictionStorage,
  type RankedPartitions,
} from '../../../services/training-shard/prediction-storage.ts';
import { createStoredPredictions } from '../../../services/training-shard/stored-predictions.ts';
import type { RoundOpened } from '../../../src/learning/campaign/campaign-events.ts';
import { createCampaignStates } from '../../../src/reading/campaign-states.ts';
import { createPositions } from '../../../src/runtime/positions.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { created, runCampaign } from '../../support/campaigns.ts';
import { openServiceWorld } from '../../support/simulation/service-world.ts';

function openStorage() {
  const { node, ports, run } = openServiceWorld();
  const failures: unknown[] = [];
  const stored = createStoredPredictions(4);
  const storage = createPredictionStorage({
    ...{ results: node.resultStore, publisher: createPublisher(ports, 'test'), context: ports, latestRound: () => 0 },
    ...{ stored, onFailure: (error) => void failures.push(error) },
  });
  return { storage, stored, failures, run };
}

/** A round of which nothing was predicted, in these partitions. */
function ranked(...partitions: number[]): RankedPartitions {
  const round = { snapshotHash: 's', snapshot: { round: 1 }, created: { campaign: 'c', config: { targets: [] } } };
  const ranks = new Map(partitions.map((partition) => [partition, { predictions: {} }]));
  return { ranking: { round, pool: [] }, epoch: 1, ranks } as unknown as RankedPartitions;
}

describe('prediction storage', () => {
  it('makes what is queued one after the other', async () => {
    const { storage } = openStorage();
    const order: string[] = [];
    const make = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      return undefined;
    };
    for (const name of ['a', 'b']) storage.store({ snapshotHash: name, partitions: [0] }, make(name));
    await storage.idle();
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('notes what it has stored, which can be queued anew where the tables have lost it', async () => {
    const { storage, stored, failures, run } = openStorage();
    storage.store({ snapshotHash: 's', partitions: [1, 2] }, async () => ranked(2));
    expect(stored.has('s', 2)).toBe(false);
    await run(storage.idle());
    expect(failures).toEqual([]);
    expect([1, 2].map((partition) => stored.has('s', partition))).toEqual([false, true]);
    expect([1, 2].map((partition) => storage.isQueued('s', partition))).toEqual([false, false]);
  });

  it('takes for queued what has not been given up: what could not be made can be queued anew', async () => {
    const { storage, failures } = openStorage();
    const error = new Error('the model is lost');
    storage.store({ snapshotHash: 's', partitions: [1, 2] }, () => Promise.reject(error));
    storage.store({ snapshotHash: 't', partitions: [1] }, async () => undefined);
    expect([1, 2, 3].map((partition) => storage.isQueued('s', partition))).toEqual([true, true, false]);
    await storage.idle();
    expect([1, 2, 3].map((partition) => storage.isQueued('s', partition))).toEqual([false, false, false]);
    expect(storage.isQueued('t', 1)).toBe(false);
    expect(failures).toEqual([error]);
  });
});

describe('restoring predictions', () => {
  const { campaign: stream } = runCampaign(created({ stop: { rounds: 2 } }), ['a', 'b', 'c', 'd', 'e', 'f']);
  const hashes = stream.flatMap((event) => (event.type === 'RoundOpened' ? [event.snapshotHash] : []));

  function queuedFor(stored: readonly string[], until = stream.length): PartitionsToStore[] {
    const states = createCampaignStates();
    for (const event of stream.slice(0, until)) {
      states.take({ event: event as RoundOpened, key: 'test', topic: 't', partition: 0, offset: 0, id: 'x', time: '' });
    }
    const queued: PartitionsToStore[] = [];
    const storage: PredictionStorage = {
      store: (what) => void queued.push(what),
      isQueued: (snapshotHash, partition) => snapshotHash === hashes[1] && partition === 3,
      idle: async () => {},
    };
    const featured = createPositions(4, -1);
    for (const held of [1, 3]) featured.set(held, 0);
    const known = createStoredPredictions(4);
    for (const place of stored) {
      const [snapshotHash, partition] = place.split(' ') as [string, string];
      known.note({ snapshotHash, partition: Number(partition) });
    }
    restorePredictions({ states, storage, featured, stored: known } as unknown as RestoringParts);
    return queued.map(({ snapshotHash, partitions }) => ({ snapshotHash, partitions }));
  }

  it('queues every round that has selected, in the partitions held here that nobody has stored', () => {
    expect(queuedFor([`${hashes[0]} 1`, `${hashes[2]} 2`])).toEqual([
      { snapshotHash: hashes[0], partitions: [3] },
      { snapshotHash: hashes[1], partitions: [1] },
      { snapshotHash: hashes[2], partitions: [1, 3] },
    ]);
  });

  it('queues nothing of a round that has not selected: the loop will', () => {
    const firstSelection = stream.findIndex(({ type }) => type === 'Selected');
    expect(queuedFor([], firstSelection)).toEqual([]);
    expect(queuedFor([], firstSelection + 1)).toEqual([{ snapshotHash: hashes[0], partitions: [1, 3] }]);
  });
});
