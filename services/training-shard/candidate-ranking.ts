import { featureIndices } from '../../src/featurizers/feature-schema.ts';
import { strategyOf } from '../../src/learning/acquisition/acquisition-strategy.ts';
import type { MeasuredRow } from '../../src/learning/acquisition/measured-row.ts';
import { type PartitionRank, type RankSettings, rankPartition } from '../../src/learning/acquisition/rank-partition.ts';
import { standardPositions } from '../../src/learning/acquisition/standard-positions.ts';
import type { CampaignConfig } from '../../src/learning/campaign/campaign-config.ts';
import {
  assertPoolReproduced,
  assertReproduced,
  type RoundContents,
} from '../../src/learning/campaign/round-contents.ts';
import { acquisitionContext } from '../../src/learning/data/training-set.ts';
import { memberModelHash, readModel } from '../../src/learning/ensemble/member-models.ts';
import type { TrainingLabels } from '../../src/learning/ensemble/member-split.ts';
import { type EnsembleModels, predictionSettings } from '../../src/learning/ensemble/predict-rows.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { ModelName } from '../../src/ports/model-store.ts';
import type {
  MemberModel,
  PartitionRanking,
  RankRequest,
  TargetModel,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { toAggregatesMessage } from '../../src/protocol/rank-messages.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { spanned } from '../../src/runtime/spanned.ts';
import { createTimeSlices } from '../../src/runtime/time-slices.ts';
import { createMeasuring } from './known-rows.ts';
import { type MemberTrainingParts, type Model, trainMember } from './member-training.ts';
import type { PreparedRound } from './round-preparation.ts';

/** What the answers of one request have in common. */
export interface Ranking {
  readonly round: PreparedRound;
  readonly pool: RoundContents['pool'];
  readonly modelHashes: readonly ContentHash[];
  /** What is known of a partition, beside what is predicted; in steps. */
  measure(partition: number, rank: PartitionRank): Promise<readonly MeasuredRow[]>;
  rank(partition: number): Promise<PartitionRank>;
  /** Positions of what is still awaited of a partition; none where the strategy does not ask for them. */
  awaited(partition: number): readonly (readonly number[])[];
}

/**
 * Makes ready to rank: models loaded, or trained anew where the store has lost them.
 * @throws AppError `internal` where this shard's data or models are not those of the request
 */
export async function prepareRanking(
  round: PreparedRound,
  request: Pick<RankRequest, 'models' | 'partitions' | 'keep' | 'lowestPolymorphs'>,
  parts: MemberTrainingParts,
): Promise<Ranking> {
  const { snapshot, frozen, created, labels } = round;
  const { config } = created;
  const lowest = request.lowestPolymorphs.map((l) => [l.reducedFormula, l.formationEnergyPerAtom] as const);
  const isOpen = config.candidates.from === 'files';
  const slices = createTimeSlices(parts.context.clock);
  const contents = isOpen ? round.contentsWith(new Map(lowest), request.partitions) : round.contents;
  await slices.pause();
  assertReproduced(snapshot, contents, frozen.testSet);
  await slices.run(assertPoolReproduced(snapshot, contents, request.partitions));
  const models: EnsembleModels = await Promise.all(request.models.map((member) => loadMember(round, member, parts)));
  const strategy = strategyOf(config);
  const positionOf = strategy.placesCandidates
    ? standardPositions(round.matrix, featureIndices(config.features))
    : undefined;
  const settings: RankSettings = {
    ...predictionSettings(config, models),
    strategy,
    ...(positionOf && { positionOf }),
    context: acquisitionContext(labels, config, snapshot.round),
    keep: request.keep,
  };
  const modelHashes = request.models.map(({ targets }) =>
    memberModelHash(targets.map(({ treesHash }) => treesHash as ContentHash)),
  );
  const measuring = createMeasuring(round, settings);
  return {
    round,
    pool: contents.pool,
    modelHashes,
    awaited: (partition) => (positionOf ? round.awaited(partition).map(({ vector }) => positionOf(vector)) : []),
    measure: (partition, rank) => slices.run(measuring(partition, rank)),
    async rank(partition) {
      const { clock, telemetry } = parts.context;
      const begun = clock.monotonic();
      const pool = contents.pool[partition]!;
      const test = contents.test.filter((example) => example.partition === partition);
      const span = { name: 'rank a partition', attributes: { 'elastream.candidates': pool.length } };
      const rank = await spanned(telemetry, span, () => slices.run(rankPartition(pool, test, settings)));
      telemetry?.partitionRanked({ candidates: pool.length, seconds: (clock.monotonic() - begun) / 1000 });
      return rank;
    },
  };
}

/** By target; NaN where no label knows it. */
function bestLabels({ values }: TrainingLabels, { targets, acquisition }: CampaignConfig): number[] {
  const isMinimal = 'goal' in acquisition && acquisition.goal === 'min';
  return targets.map((_, t) => {
    const known = values.filter((value, i) => i % targets.length === t && !Number.isNaN(value));
    return known.reduce((best, value) => (isMinimal === value < best ? value : best), known[0] ?? Number.NaN);
  });
}

export function rankingMessage(
  { round, modelHashes, awaited }: Ranking,
  partition: number,
  rank: PartitionRank,
  measured: readonly MeasuredRow[],
): PartitionRanking {
  const { targets } = round.created.config;
  return {
    partition,
    snapshotHash: round.snapshotHash,
    modelHashes,
    candidates: rank.candidates.map(({ id, ...candidate }) => ({ materialId: id, ...candidate })),
    candidatesAggregates: rank.poolAggregates.map((aggregates, t) => toAggregatesMessage(targets[t]!, aggregates)),
    testAggregates: rank.testAggregates.map((aggregates, t) => toAggregatesMessage(targets[t]!, aggregates)),
    measuredRows: [...measured] as PartitionRanking['measuredRows'],
    awaited: awaited(partition).map((values) => ({ values: [...values] })),
    best: bestLabels(round.labels, round.created.config),
  };
}

async function loadMember(round: PreparedRound, member: MemberModel, parts: MemberTrainingParts): Promise<Model[]> {
  const stored = await Promise.all(member.targets.map((target) => loadModel(target, parts)));
  if (stored.every((model) => model !== undefined)) return stored;
  // The store is no truth: what it has lost or damaged is trained again, and must come out the same.
  const place = { campaign: round.created.campaign, round: round.snapshot.round, member: member.member };
  parts.context.telemetry?.log('warn', 'a model is lost or damaged in the store, and is trained again', place);
  await trainMember(round, member.member, parts);
  return member.targets.map(({ treesHash }) => {
    const model = parts.cache.get(treesHash);
    if (model) return model;
    const where = `member ${member.member} of round ${round.snapshot.round}`;
    throw new AppError('internal', `${where} was lost and trained again with another result: is this another engine?`);
  });
}

/** Undefined where the store does not have it, or not as it was. */
async function loadModel(
  { model: name, treesHash }: TargetModel,
  { models, cache, regressor, context }: MemberTrainingParts,
): Promise<Model | undefined> {
  const cached = cache.get(treesHash);
  if (cached) return cached;
  const bytes = await retrying(context, () => models.get(name as ModelName)).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'storage_corrupt') return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
  if (regressor.treesHash(text) !== treesHash) return undefined;
  const model = readModel(text);
  cache.set(treesHash, model);
  return model;
}
