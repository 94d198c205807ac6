import { createProjector, projectedTopics, storeProjected } from '../../../services/projection/projection.ts';
import { storedUpTo } from '../../../services/projection/table-keeping.ts';
import { createCampaignBook } from '../../../services/training-shard/campaign-book.ts';
import type { Model } from '../../../services/training-shard/member-training.ts';
import { storePredictions } from '../../../services/training-shard/prediction-storage.ts';
import { rankAgain } from '../../../services/training-shard/rank-again.ts';
import { createRoundPreparation } from '../../../services/training-shard/round-preparation.ts';
import { MaterialCatalogue } from '../../learning/data/material-catalogue.ts';
import { AppError } from '../../model/app-error.ts';
import type { EventBatch, EventLogReader } from '../../ports/event-log.ts';
import type { ModelStore } from '../../ports/model-store.ts';
import type { Regressor } from '../../ports/regressor.ts';
import type { ResultStore, StoredPosition } from '../../ports/result-store.ts';
import { type CampaignHistory, createHistoryKeeper, type RoundHistory } from '../../runtime/campaign-history.ts';
import { addToCatalogue } from '../../runtime/catalogued-events.ts';
import { decodeRecords } from '../../runtime/decode-records.ts';
import { createRecentValues } from '../../runtime/recent-values.ts';
import type { RetryContext } from '../../runtime/retry.ts';
import { TOPICS } from '../campaign/campaign-directory.ts';

export interface RebuildParts {
  readonly log: EventLogReader;
  /** Lost ones are put back. */
  readonly models: ModelStore;
  /** Asked only where a model is lost. */
  readonly regressor: Regressor;
  readonly results: ResultStore;
  readonly context: RetryContext;
  /** Before each round. */
  readonly onRound?: (round: { campaign: string; round: number; done: number; total: number }) => void;
}

/** Models of two targets of a large ensemble. */
const CACHED_MODELS_MAX = 400;
const PARTITIONS = Array.from({ length: TOPICS.materials.partitions }, (_, partition) => partition);

/**
 * Makes the tables anew from the log and the models: the same rows as those of the runs that wrote the log.
 * @returns the rounds whose predictions were made
 * @throws AppError `interrupted` by the context's signal; `internal` where the log's data or a model that was lost and
 *   trained again do not come out the same
 */
export async function rebuildTables(parts: RebuildParts): Promise<number> {
  const { models, regressor, results, context } = parts;
  const book = createCampaignBook();
  const catalogue = new MaterialCatalogue({ vectors: true, partitions: TOPICS.materials.partitions });
  await results.clear();
  const campaigns = await replay(parts, book, catalogue);
  // All of the log has been read before the first round is prepared.
  const follower = { reached: async () => {} };
  const preparation = createRoundPreparation({
    topics: TOPICS,
    book,
    catalogue,
    follower,
    regressor,
    clock: context.clock,
  });
  const training = {
    models,
    regressor,
    engine: regressor.engine,
    cache: createRecentValues<Model>(CACHED_MODELS_MAX),
    context,
  };
  const roundModels = { find: async (campaign: string, round: number) => book.trained(campaign, round) };
  const rounds = selectedRounds(campaigns);
  try {
    for (const [done, { campaign, round, epoch }] of rounds.entries()) {
      parts.onRound?.({ campaign, round, done, total: rounds.length });
      const before = { campaign, round, epoch, partitions: PARTITIONS };
      const ranked = await rankAgain(before, { book, roundModels, preparation, training });
      if (ranked === undefined) throw new AppError('internal', `round ${round} of ${campaign} has selected unranked`);
      await storePredictions(results, context, ranked);
      stopIfAsked(context);
    }
  } finally {
    await preparation.close();
  }
  return rounds.length;
}

/** Brings to the tables what the log itself says, and to memory what the predictions are made from. */
async function replay(
  { log, results, context }: RebuildParts,
  book: ReturnType<typeof createCampaignBook>,
  catalogue: MaterialCatalogue,
): Promise<ReadonlyMap<string, CampaignHistory>> {
  const projector = createProjector();
  const keeper = createHistoryKeeper();
  const ends = new Map<string, StoredPosition>();
  for await (const batch of wholeTopics(log, projectedTopics(TOPICS))) {
    const { received } = decodeRecords(batch);
    await storeProjected(results, projector, received);
    for (const one of received) ends.set(`${one.partition} ${one.topic}`, storedUpTo(one));
    for (const one of received) {
      keeper.take(one);
      book.take(one);
    }
    stopIfAsked(context);
  }
  await results.notePositions([...ends.values()].map((end) => ({ ...end, after: 0 })));
  for await (const batch of wholeTopics(log, [TOPICS.features.name, TOPICS.examples.name])) {
    for (const received of decodeRecords(batch).received) addToCatalogue(catalogue, TOPICS, received);
  }
  return keeper.campaigns;
}

async function* wholeTopics(log: EventLogReader, topics: readonly string[]): AsyncGenerator<EventBatch> {
  const declared = new Set((await log.topics()).map(({ name }) => name));
  for (const topic of topics.filter((name) => declared.has(name))) {
    const ends = await log.endOffsets(topic);
    const ranges = ends.map((to, partition) => ({ topic, partition, from: 0, to }));
    yield* log.read(ranges.filter(({ to }) => to > 0));
  }
}

function selectedRounds(campaigns: ReadonlyMap<string, CampaignHistory>) {
  const of = (campaign: string, { round, selected }: RoundHistory) =>
    selected ? [{ campaign, round, epoch: selected.epoch }] : [];
  return [...campaigns].flatMap(([name, { rounds }]) => rounds.flatMap((round) => of(name, round)));
}

function stopIfAsked({ signal }: RetryContext): void {
  if (signal?.aborted)
    throw new AppError('interrupted', 'interrupted: the tables are not complete; rebuild them again');
}
