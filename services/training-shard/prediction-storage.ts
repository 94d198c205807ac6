import type { PartitionRank } from '../../src/learning/acquisition/rank-partition.ts';
import type { PredictionsStored } from '../../src/model/events.ts';
import type { Prediction, ResultStore } from '../../src/ports/result-store.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import { type RetryContext, retrying } from '../../src/runtime/retry.ts';
import type { Ranking } from './candidate-ranking.ts';
import type { StoredPredictions } from './stored-predictions.ts';

/** Partitions of a round with what was predicted for them. */
export interface RankedPartitions {
  readonly ranking: Ranking;
  /** Of the campaign's writer. */
  readonly epoch: number;
  readonly ranks: ReadonlyMap<number, PartitionRank>;
}

/** Some partitions of a round, whose predictions are to be stored. */
export interface PartitionsToStore {
  readonly snapshotHash: string;
  readonly partitions: readonly number[];
}

/** Brings predictions to the result store beside the loop, which never waits for it. */
export interface PredictionStorage {
  /** Queues predictions; what has yet to be made is made when its turn comes, and may turn out to be none. */
  store(what: PartitionsToStore, make: () => Promise<RankedPartitions | undefined>): void;
  /** Whether they have been queued here, and neither been stored nor given up. */
  isQueued(snapshotHash: string, partition: number): boolean;
  /** Resolves when all that was queued is stored or given up. */
  idle(): Promise<void>;
}

export interface PredictionStorageParts {
  readonly results: ResultStore;
  readonly publisher: Publisher;
  readonly context: RetryContext;
  /** Of a campaign, the last round known to have selected. */
  latestRound(campaign: string): number;
  /** Told what is stored, and is queued no more: where tables are lost it can be queued anew. */
  readonly stored: Pick<StoredPredictions, 'note'>;
  /** Told what could not be stored, and is queued no more. */
  readonly onFailure: (error: unknown) => void;
}

export function createPredictionStorage(parts: PredictionStorageParts): PredictionStorage {
  const { results, publisher, context, latestRound, stored, onFailure } = parts;
  const queued = new Set<string>();
  let last = Promise.resolve();

  async function write(ranked: RankedPartitions): Promise<void> {
    const { snapshotHash, snapshot, created } = ranked.ranking.round;
    const { campaign } = created;
    await storePredictions(results, context, ranked, latestRound(campaign));
    const notes = [...ranked.ranks.keys()].map((partition): PredictionsStored => {
      return { type: 'PredictionsStored', campaign, round: snapshot.round, snapshotHash, partition };
    });
    await publisher.publish(notes.map((event) => ({ event })));
    for (const note of notes) stored.note(note);
  }

  return {
    store({ snapshotHash, partitions }, make) {
      for (const partition of partitions) queued.add(nameOf(snapshotHash, partition));
      const next = async () => {
        const made = await make();
        if (made) await write(made);
      };
      const isOver = () => {
        for (const partition of partitions) queued.delete(nameOf(snapshotHash, partition));
      };
      last = last
        .then(next)
        .finally(isOver)
        .catch((error) => onFailure(error));
    },
    isQueued: (snapshotHash, partition) => queued.has(nameOf(snapshotHash, partition)),
    idle: () => last,
  };
}

function nameOf(snapshotHash: string, partition: number): string {
  return `${snapshotHash} ${partition}`;
}

/**
 * Stores the predictions, and keeps of earlier rounds only what was selected.
 * @param latestRound after which these may be earlier ones themselves
 */
export async function storePredictions(
  results: ResultStore,
  context: RetryContext,
  { ranking, epoch, ranks }: RankedPartitions,
  latestRound = 0,
): Promise<void> {
  const { snapshotHash, snapshot, created } = ranking.round;
  const { campaign } = created;
  const { round } = snapshot;
  const batch = { campaign, round, epoch, snapshotHash, partitions: [...ranks.keys()] };
  await retrying(context, () => results.storePredictions(batch, predictionsOf(ranking, ranks)));
  await retrying(context, () => results.thinPredictionsBefore({ campaign, round: Math.max(round, latestRound) }));
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
        const calculated = truth?.[target];
        yield {
          partition,
          materialId: facts.materialId,
          target,
          mean: predictions.mean[t]![row]!,
          stdev: predictions.standardDeviation[t]![row]!,
          memberValues: everyNth(values, row, pool.length),
          ...(calculated !== undefined && { calculated }),
        };
      }
    }
  }
}

/** One row of what lies member by member. */
function everyNth(values: Float64Array, row: number, rows: number): number[] {
  return Array.from({ length: values.length / rows }, (_, member) => values[member * rows + row]!);
}
