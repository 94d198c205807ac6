import type { PartitionRank } from '../../src/learning/rank-partition.ts';
import type { PredictionsStored } from '../../src/model/events.ts';
import type { Prediction, ResultStore } from '../../src/ports/result-store.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import { type RetryContext, retrying } from '../../src/runtime/retry.ts';
import type { PreparedRound } from './round-preparation.ts';

/** Brings predictions to the result store beside the loop, which never waits for it. */
export interface PredictionStorage {
  /** Queues the predictions of some partitions of a round. */
  store(round: PreparedRound, epoch: number, ranks: ReadonlyMap<number, PartitionRank>): void;
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

  async function write(round: PreparedRound, epoch: number, ranks: ReadonlyMap<number, PartitionRank>): Promise<void> {
    const { snapshotHash, snapshot, created } = round;
    const key = { campaign: created.campaign, round: snapshot.round };
    const partitions = [...ranks.keys()];
    const batch = { ...key, epoch, snapshotHash, partitions };
    await retrying(context, () => results.storePredictions(batch, predictionsOf(round, ranks)));
    await retrying(context, () => results.thinPredictionsBefore(key));
    const stored = partitions.map((partition): PredictionsStored => {
      return { type: 'PredictionsStored', ...key, snapshotHash, partition };
    });
    await publisher.publish(stored.map((event) => ({ event })));
  }

  return {
    store(round, epoch, ranks) {
      last = last.then(() => write(round, epoch, ranks)).catch(onFailure);
    },
    idle: () => last,
  };
}

function* predictionsOf(round: PreparedRound, ranks: ReadonlyMap<number, PartitionRank>): Generator<Prediction> {
  const { targets } = round.created.config;
  for (const [partition, { predictions }] of ranks) {
    const pool = round.contents.pool[partition]!;
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
