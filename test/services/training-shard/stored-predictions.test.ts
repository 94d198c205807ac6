import { describe, expect, it, vi } from 'vitest';
import { createStoredPredictions } from '../../../services/training-shard/stored-predictions.ts';
import { roundOf } from '../../../src/learning/campaign/campaign-state.ts';
import { stateAfter } from '../../support/campaigns.ts';
import { longCampaign } from '../../support/long-campaign.ts';

const PARTITIONS = 4;
const ROUNDS = 50;
const STATE = stateAfter(longCampaign({ rounds: ROUNDS, batch: 1 }));
const hashOf = (round: number) => roundOf(STATE, round).opened!.snapshotHash;

function allStored() {
  const stored = createStoredPredictions(PARTITIONS);
  for (let round = 1; round <= ROUNDS; round++) {
    for (let partition = 0; partition < PARTITIONS; partition++)
      stored.note({ snapshotHash: hashOf(round), partition });
  }
  return stored;
}

describe('stored predictions', () => {
  it('lack the rounds of which a partition is not noted', () => {
    const stored = createStoredPredictions(PARTITIONS);
    for (const partition of [0, 1, 2, 3]) stored.note({ snapshotHash: hashOf(1), partition });
    for (const partition of [0, 2]) stored.note({ snapshotHash: hashOf(3), partition });
    expect(stored.lackingRounds('c', STATE)).toEqual(Array.from({ length: ROUNDS - 1 }, (_, i) => i + 2));
    expect([0, 1].map((partition) => stored.has(hashOf(3), partition))).toEqual([true, false]);
  });

  it('are not looked through again at each selection where all are there', () => {
    const stored = allStored();
    expect(stored.lackingRounds('c', STATE)).toEqual([]);
    const looks = vi.spyOn(Map.prototype, 'get');
    expect(stored.lackingRounds('c', STATE)).toEqual([]);
    const looked = looks.mock.calls.length;
    vi.restoreAllMocks();
    // Which round is the current one is looked up round by round; nothing is, partition by partition.
    expect(looked).toBeLessThan(2 * ROUNDS);
  });

  it('are those that the store says it has, of rounds that the log has not told of here', async () => {
    const stored = createStoredPredictions(PARTITIONS);
    const rounds = Array.from({ length: ROUNDS }, (_, i) => {
      return { round: i + 1, snapshotHash: hashOf(i + 1), partitions: i + 1 === 7 ? [0, 1] : [0, 1, 2, 3] };
    });
    await stored.check('c', STATE, { storedPredictions: async () => rounds });
    expect(stored.lackingRounds('c', STATE)).toEqual([7]);
    expect([1, 2].map((partition) => stored.has(hashOf(7), partition))).toEqual([true, false]);
  });

  it('are those that the store has, too: what it denies is lacking, what is noted meanwhile is not', async () => {
    const stored = allStored();
    await stored.check('c', STATE, {
      async storedPredictions() {
        // Another shard has stored it while the store was answering.
        stored.note({ snapshotHash: hashOf(2), partition: 0 });
        return Array.from({ length: ROUNDS }, (_, i) => {
          const partitions = i + 1 === 7 ? [0, 1, 3] : [0, 1, 2, 3];
          return { round: i + 1, snapshotHash: hashOf(i + 1), partitions };
        });
      },
    });
    expect(stored.lackingRounds('c', STATE)).toEqual([7]);
    expect(stored.has(hashOf(7), 2)).toBe(false);
  });
});
