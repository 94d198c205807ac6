import { projectedTopics } from '../../../services/projection/projection.ts';
import { openingNote, storedUpTo } from '../../../services/projection/table-keeping.ts';
import { createProjector, type Projector, storeProjected } from '../../../services/projection/table-rows.ts';
import type { Model } from '../../../services/training-shard/member-training.ts';
import { storePredictions } from '../../../services/training-shard/prediction-storage.ts';
import { rankAgain } from '../../../services/training-shard/rank-again.ts';
import type { RoundModels } from '../../../services/training-shard/round-models.ts';
import { createRoundPreparation } from '../../../services/training-shard/round-preparation.ts';
import { MaterialCatalogue } from '../../learning/data/material-catalogue.ts';
import { type MemberModel, memberModel } from '../../learning/ensemble/member-models.ts';
import { AppError } from '../../model/app-error.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { ModelStore } from '../../ports/model-store.ts';
import type { Regressor } from '../../ports/regressor.ts';
import type { ResultStore, StoredPosition } from '../../ports/result-store.ts';
import type { CampaignHistories, RoundHistory } from '../../reading/campaign-history.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { createCatalogueProjection } from '../../reading/catalogue-projection.ts';
import { rangesToEnd } from '../../reading/ranges-to-end.ts';
import { readToEnd } from '../../reading/read-to-end.ts';
import { createTrainedMembers, type TrainedMembers } from '../../reading/trained-members.ts';
import { decodeRecords } from '../../runtime/decode-records.ts';
import { logTopics } from '../../runtime/log-topics.ts';
import { createRecentValues } from '../../runtime/recent-values.ts';
import type { RetryContext } from '../../runtime/retry.ts';

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
  const topics = await logTopics(parts.log);
  const projector = createProjector(topics);
  const { states, histories } = projector;
  const trained = createTrainedMembers(TOPICS.members, memberModel);
  const catalogue = new MaterialCatalogue({ vectors: true, partitions: TOPICS.materials.partitions });
  await results.clear();
  await replay(parts, projector, trained);
  await readToEnd(parts.log, createCatalogueProjection(catalogue, topics));
  // All of the log has been read before the first round is prepared.
  const following = { reached: async () => {} };
  const preparation = createRoundPreparation({
    ...{ topics, states, catalogue, following, regressor, clock: context.clock },
  });
  const training = {
    models,
    regressor,
    engine: regressor.engine,
    cache: createRecentValues<Model>(CACHED_MODELS_MAX),
    context,
  };
  const roundModels: Pick<RoundModels, 'find'> = {
    async find(campaign, round) {
      const { created, rounds } = histories.get(campaign)!;
      return [...trained.of(created, rounds[round - 1]!.opened).values()];
    },
  };
  const rounds = selectedRounds(histories);
  try {
    for (const [done, { campaign, round, epoch }] of rounds.entries()) {
      parts.onRound?.({ campaign, round, done, total: rounds.length });
      const before = { campaign, round, epoch, partitions: PARTITIONS };
      const ranked = await rankAgain(before, { states, roundModels, preparation, training });
      if (ranked === undefined) throw new AppError('internal', `round ${round} of ${campaign} has selected unranked`);
      await storePredictions(results, context, ranked);
      stopIfAsked(context);
    }
  } finally {
    await preparation.close();
  }
  return rounds.length;
}

/** Brings to the tables what the log itself says. Each event is taken once. */
async function replay(
  { log, results, context }: RebuildParts,
  projector: Projector,
  trained: TrainedMembers<MemberModel>,
): Promise<void> {
  const ends = new Map<string, StoredPosition>();
  const declared = new Set((await log.topics()).map(({ name }) => name));
  for (const topic of projectedTopics(TOPICS).filter((name) => declared.has(name))) {
    for await (const batch of log.read(await rangesToEnd(log, topic))) {
      const { received } = decodeRecords(batch);
      const place = `${batch.partition} ${batch.topic}`;
      if (!ends.has(place)) await results.notePositions([openingNote(batch)]);
      await storeProjected(results, projector, received);
      for (const one of received) {
        trained.take(one);
        ends.set(place, storedUpTo(one));
      }
      stopIfAsked(context);
    }
  }
  await results.notePositions([...ends.values()].map((end) => ({ ...end, after: 0 })));
}

function selectedRounds(histories: CampaignHistories) {
  const of = (campaign: string, { round, selected }: RoundHistory) =>
    selected ? [{ campaign, round, epoch: selected.epoch }] : [];
  return [...histories].flatMap(([name, { rounds }]) => rounds.flatMap((round) => of(name, round)));
}

function stopIfAsked({ signal }: RetryContext): void {
  if (signal?.aborted)
    throw new AppError('interrupted', 'interrupted: the tables are not complete; rebuild them again');
}
