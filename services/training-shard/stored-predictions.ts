import { type CampaignState, roundOf } from '../../src/learning/campaign/campaign-state.ts';
import { latestSelectedRound } from '../../src/learning/campaign/campaign-step.ts';
import type { ResultStore } from '../../src/ports/result-store.ts';

/**
 * Which predictions are in the result store: what the store says it has, and what the log has noted since. Of rounds
 * that were over when this process started the store alone tells, so nothing is known to be lacking until it has.
 */
export interface StoredPredictions {
  note(stored: { readonly snapshotHash: string; readonly partition: number }): void;
  has(snapshotHash: string, partition: number): boolean;
  /** The rounds that have selected and are not stored whole, ascending. */
  lackingRounds(campaign: string, state: CampaignState): number[];
  /** Asks the store, which may have lost its tables since or be an old copy, what it has of a campaign. */
  check(campaign: string, state: CampaignState, results: Pick<ResultStore, 'storedPredictions'>): Promise<void>;
}

export function createStoredPredictions(partitions: number): StoredPredictions {
  const stored = new Map<string, Set<number>>();
  /** By campaign, a round before which all are stored whole: in a long campaign nearly all are, at each selection. */
  const wholeBefore = new Map<string, number>();
  const hashOf = (state: CampaignState, round: number) => roundOf(state, round).opened?.snapshotHash ?? '';
  const isWhole = (snapshotHash: string) => stored.get(snapshotHash)?.size === partitions;
  const note = (snapshotHash: string, partition: number) => {
    stored.set(snapshotHash, (stored.get(snapshotHash) ?? new Set()).add(partition));
  };

  return {
    note: ({ snapshotHash, partition }) => note(snapshotHash, partition),
    has: (snapshotHash, partition) => stored.get(snapshotHash)?.has(partition) ?? false,
    lackingRounds(campaign, state) {
      const latest = latestSelectedRound(state);
      let first = wholeBefore.get(campaign) ?? 1;
      while (first <= latest && isWhole(hashOf(state, first))) first++;
      wholeBefore.set(campaign, first);
      const rounds = Array.from({ length: latest + 1 - first }, (_, i) => first + i);
      return rounds.filter((round) => !isWhole(hashOf(state, round)));
    },
    async check(campaign, state, results) {
      const latest = latestSelectedRound(state);
      const hashes = Array.from({ length: latest }, (_, i) => hashOf(state, i + 1));
      // What is noted while the store answers is not what its answer denies.
      const before = hashes.map((hash) => [hash, [...(stored.get(hash) ?? [])]] as const);
      const answer = latest === 0 ? [] : await results.storedPredictions(campaign);
      const there = new Map(answer.map((round) => [round.snapshotHash, new Set(round.partitions)]));
      for (const [hash, noted] of before) {
        for (const partition of noted) if (!there.get(hash)?.has(partition)) stored.get(hash)!.delete(partition);
      }
      for (const { snapshotHash, partitions } of answer)
        for (const partition of partitions) note(snapshotHash, partition);
      wholeBefore.delete(campaign);
    },
  };
}
