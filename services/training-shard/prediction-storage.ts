import type { PartitionRank } from '../../src/learning/rank-partition.ts';
import type { PredictionsStored } from '../../src/model/events.ts';
import type { Prediction, ResultStore } from '../../src/ports/result-store.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import { type RetryContext, retrying } from '../../src/runtime/retry.ts';
import type { Ranking } from './candidate-ranking.ts';

/** Partitions of a round with what was predicted for them. */
export interface RankedPartitions {
  readonly ranking: Ranking;
  /** Of the campaign's writer. */
  readonly epoch: number;
  readonly ranks: ReadonlyMap<number, PartitionRank>;
}

/** Brings predictions to the result store beside the loop, which never waits for it. */
export interface PredictionStorage {
  /** Queues predictions; what has yet to be made is made when its turn comes. */
  store(ranked: RankedPartitions | (() => Promise<RankedPartitions | undefined>)): void;
  /** Resolves when all that was queued is stored or given up. */
  idle(): Promise<void>;
}

export interface PredictionStorageParts {
  readonly results: ResultStore;
  readonly publisher: Publisher;
  readonly context: RetryContext;
  /** Told what could not be stored; the next start tries again. */
  readonly onFailure: (error: unknown) => void;
}

export function createPredictionStorage(parts: PredictionStorageParts): PredictionStorage {
  const { results, publisher, context, onFailure } = parts;
  let last = Promise.resolve();

  async function write(ranked: RankedPartitions): Promise<void> {
    await storePredictions(results, context, ranked);
    const { snapshotHash, snapshot, created } = ranked.ranking.round;
    const stored = [...ranked.ranks.keys()].map((partition): PredictionsStored => {
      const { campaign } = created;
      return { type: 'PredictionsStored', campaign, round: snapshot.round, snapshotHash, partition };
    });
    await publisher.publish(stored.map((event) => ({ event })));
  }

  return {
    store(ranked) {
      const next = async () => {
        const made = typeof ranked === 'function' ? await ranked() : ranked;
        if (made) await write(made);
      };
      last = last.then(next).catch(onFailure);
    },
    idle: () => last,
  };
}

/** Stores the predictions, and keeps of the rounds before only what was selected. */
export async function storePredictions(
  results: ResultStore,
  context: RetryContext,
  { ranking, epoch, ranks }: RankedPartitions,
): Promise<void> {
  const { snapshotHash, snapshot, created } = ranking.round;
  const key = { campaign: created.campaign, round: snapshot.round };
  const batch = { ...key, epoch, snapshotHash, partitions: [...ranks.keys()] };
  await retrying(context, () => results.storePredictions(batch, predictionsOf(ranking, ranks)));
  await retrying(context, () => results.thinPredictionsBefore(key));
}

function* predictionsOf(
  { round, pool: pools }: Ranking,
  ranks: ReadonlyMap<number, PartitionRank>,
): Generator<Prediction> {
  const { targets } = round.created.config;
  for (const [partition, { predictions }] of ranks) {
    const pool = pools[partition]!;
    for (const [t, target] of targets.entries()) {
      const values = predictions.byTarget[t]!;
      for (const [row, { facts, truth }] of pool.entries()) {
        const observed = truth?.[target];
        yield {
          partition,
          materialId: facts.materialId,
          target,
          mean: predictions.mean[t]![row]!,
          std: predictions.standardDeviation[t]![row]!,
          memberValues: everyNth(values, row, pool.length),
          ...(observed !== undefined && { observed }),
        };
      }
    }
  }
}

/** One row of what lies member by member. */
function everyNth(values: Float64Array, row: number, rows: number): number[] {
  return Array.from({ length: values.length / rows }, (_, member) => values[member * rows + row]!);
}
