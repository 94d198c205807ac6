import { roundOf } from '../../src/learning/campaign-state.ts';
import { latestSelectedRound } from '../../src/learning/campaign-step.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { Positions } from '../../src/runtime/positions.ts';
import type { PredictionStorage } from './prediction-storage.ts';
import { type RankAgainParts, rankAgain } from './rank-again.ts';
import type { RoundPreparation } from './round-preparation.ts';

export interface RestoringParts extends Omit<RankAgainParts, 'preparation'> {
  readonly topics: Topics;
  readonly storage: PredictionStorage;
  /** Of their own: the loop's keeps the round that is at work. */
  readonly prepare: () => RoundPreparation;
  /** How far the features of this shard's partitions have been read. */
  readonly featured: Positions;
  isStored(snapshotHash: string, partition: number): boolean;
}

/**
 * Ranks again what was ranked before and is not noted as stored, and queues it for the result store: of each campaign
 * the latest round that has selected, since of earlier ones little more than a summary is kept.
 * @param assigned the partitions that this shard has been given
 */
export function restorePredictions(assigned: readonly number[], parts: RestoringParts): void {
  const { book, topics, storage, featured, training } = parts;
  for (const campaign of book.names()) {
    const state = book.state(campaign);
    const round = latestSelectedRound(state);
    const { opened } = roundOf(state, round);
    if (opened === undefined) continue;
    const partitions = assigned.filter((partition) => !parts.isStored(opened.snapshotHash, partition));
    if (partitions.length === 0) continue;
    storage.store(async () => {
      const preparation = parts.prepare();
      try {
        await featured.reached(opened.snapshot.offsets[topics.features.name] ?? [], partitions);
        return await rankAgain({ campaign, round, epoch: state.epoch, partitions }, { book, training, preparation });
      } finally {
        await preparation.close();
      }
    });
  }
}
