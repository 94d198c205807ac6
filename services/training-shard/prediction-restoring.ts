import { roundOf } from '../../src/learning/campaign/campaign-state.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { Topics } from '../../src/model/topics.ts';
import { heldPartitions, type Positions } from '../../src/runtime/positions.ts';
import type { PredictionStorage } from './prediction-storage.ts';
import { type RankAgainParts, rankAgain } from './rank-again.ts';
import type { RoundPreparation } from './round-preparation.ts';
import type { StoredPredictions } from './stored-predictions.ts';

export interface RestoringParts extends Omit<RankAgainParts, 'preparation'> {
  readonly topics: Topics;
  readonly storage: PredictionStorage;
  /** Of their own: the loop's keeps the round that is at work. */
  readonly prepare: () => RoundPreparation;
  /** How far the features of this shard's partitions have been read. */
  readonly featured: Positions;
  readonly stored: Pick<StoredPredictions, 'has' | 'lackingRounds'>;
}

/**
 * Ranks again what rounds have ranked, in the partitions that this shard holds, and nobody has stored, as far as is
 * known here, and queues it for the result store, the earliest round first.
 */
export function restorePredictions(parts: RestoringParts): void {
  const { states, storage, stored, featured } = parts;
  const held = heldPartitions(featured);
  for (const campaign of states.names()) {
    const state = states.state(campaign);
    for (const round of stored.lackingRounds(campaign, state)) {
      const { snapshotHash } = roundOf(state, round).opened!;
      const lacking = (partition: number) =>
        !stored.has(snapshotHash, partition) && !storage.isQueued(snapshotHash, partition);
      const partitions = held.filter(lacking);
      if (partitions.length === 0) continue;
      storage.store({ snapshotHash, partitions }, () => restored({ campaign, round, partitions }, parts));
    }
  }
}

async function restored(
  { campaign, round, partitions }: { campaign: string; round: number; partitions: readonly number[] },
  { states, roundModels, topics, featured, training, prepare }: RestoringParts,
) {
  const { epoch, rounds } = states.state(campaign);
  const offsets = rounds.get(round)!.opened!.snapshot.offsets[topics.features.name] ?? [];
  const held = await stillHeld(partitions, offsets, featured);
  const preparation = prepare();
  try {
    return await rankAgain(
      { campaign, round, epoch, partitions: held },
      { states, roundModels, training, preparation },
    );
  } finally {
    await preparation.close();
  }
}

/** Those of the partitions that this shard holds when it has read them so far: others are another shard's to store. */
async function stillHeld(partitions: readonly number[], offsets: readonly number[], featured: Positions) {
  for (;;) {
    const held = partitions.filter((partition) => featured.offsets[partition]! >= 0);
    const areRead = await featured.reached(offsets, held).then(
      () => true,
      (error) => {
        if (error instanceof AppError && error.retryable) return false;
        throw error;
      },
    );
    if (areRead) return held;
  }
}
