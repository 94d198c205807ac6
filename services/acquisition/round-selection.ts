import { strategyOf } from '../../src/learning/acquisition/acquisition-strategy.ts';
import { calibrationFor } from '../../src/learning/acquisition/calibration.ts';
import { roundUncertainty } from '../../src/learning/acquisition/round-uncertainty.ts';
import {
  ensembleMetrics,
  mergeAggregates,
  type ScoreAggregates,
} from '../../src/learning/acquisition/score-aggregates.ts';
import type { RoundUncertainty, TargetCalibration } from '../../src/learning/acquisition/uncertainty-metrics.ts';
import { type EspressoSettings, transformsOf } from '../../src/learning/campaign/campaign-config.ts';
import type { CampaignCreated, SelectedCandidate, SubsetMetrics } from '../../src/learning/campaign/campaign-events.ts';
import type { CampaignState } from '../../src/learning/campaign/campaign-state.ts';
import { stopProgress } from '../../src/learning/campaign/campaign-step.ts';
import { type StopFigure, stopFigures } from '../../src/learning/campaign/stop-figures.ts';
import { presentStopRule, stopReason } from '../../src/learning/campaign/stop-rule.ts';
import type { MemberModel } from '../../src/learning/ensemble/member-models.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import { executionText } from '../../src/model/execution.ts';
import { compareIds } from '../../src/model/id-order.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { calculationId, type EspressoRecipe, type Recipe, recipeText } from '../../src/model/recipe.ts';
import type { PartitionRanking, RankRequest } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromAggregatesMessage } from '../../src/protocol/rank-messages.ts';
import { fromMeasuredRowMessage } from '../../src/protocol/uncertainty-message.ts';
import type { TrainedMembers } from '../../src/reading/trained-members.ts';

export interface RoundSelection {
  readonly candidates: readonly SelectedCandidate[];
  readonly metrics: readonly SubsetMetrics[];
  readonly uncertainty?: RoundUncertainty;
  readonly stopFigures?: readonly StopFigure[];
}

/** The accepted models of an open round, members ascending. @throws AppError `internal` where one is missing */
export function roundModels(
  state: CampaignState,
  round: number,
  trained: Pick<TrainedMembers<MemberModel>, 'of'>,
): MemberModel[] {
  const { created, rounds } = state;
  const found = trained.of(created!, rounds.get(round)!.opened!);
  return Array.from({ length: created!.config.ensemble.members }, (_, member) => {
    const model = found.get(member);
    if (model) return model;
    throw new AppError('internal', `round ${round} is ranked without a model of member ${member}`);
  });
}

export function rankRequest(
  created: CampaignCreated,
  round: { readonly number: number; readonly snapshotHash: ContentHash; readonly partitions: number },
  models: readonly MemberModel[],
  lowest: ReadonlyMap<string, number>,
  size: number,
): RankRequest {
  return {
    campaign: created.campaign,
    round: round.number,
    snapshotHash: round.snapshotHash,
    partitions: Array.from({ length: round.partitions }, (_, partition) => partition),
    models: models.map(({ member, targets }) => ({ member, targets })),
    keep: size === 0 ? 0 : strategyOf(created.config).answerSize(size),
    lowestPolymorphs: [...lowest].map(([reducedFormula, formationEnergyPerAtom]) => ({
      reducedFormula,
      formationEnergyPerAtom,
    })),
  };
}

/**
 * Takes exactly one answer per partition, for the snapshot and the models that were asked for.
 * @returns in the order of the partitions, because sums of floats depend on it
 * @throws AppError `unavailable` (retryable) where an answer is missing, `internal` where one is not of this round
 */
export async function collectRankings(
  request: RankRequest,
  modelHashes: readonly ContentHash[],
  answers: AsyncIterable<PartitionRanking>,
): Promise<PartitionRanking[]> {
  const byPartition = new Map<number, PartitionRanking>();
  for await (const answer of answers) {
    const sameModels = answer.modelHashes.join() === modelHashes.join();
    if (answer.snapshotHash !== request.snapshotHash || !sameModels) {
      throw new AppError('internal', `partition ${answer.partition} was ranked with another snapshot or other models`);
    }
    if (!byPartition.has(answer.partition)) byPartition.set(answer.partition, answer);
  }
  const missing = request.partitions.filter((partition) => !byPartition.has(partition));
  if (missing.length > 0) {
    throw new AppError('unavailable', `no shard ranked partitions ${missing.join(', ')}`, { retryable: true });
  }
  return request.partitions.map((partition) => byPartition.get(partition)!);
}

/** The best of all partitions, and how good the round's models are. */
export function selectCandidates(
  { campaign, config }: CampaignCreated,
  rankings: readonly PartitionRanking[],
  { round, size }: { readonly round: number; readonly size: number },
): RoundSelection {
  const strategy = strategyOf(config);
  const answers = rankings.map(({ candidates }) =>
    candidates.map((candidate) => ({ ...candidate, id: candidate.materialId as MaterialId })),
  );
  const merged = strategy.merge<(typeof answers)[number][number]>(answers, size === 0 ? 0 : strategy.answerSize(size));
  const recipe = recipeText(recipeOf(campaign, config));
  const awaited = rankings.flatMap((ranking) => ranking.awaited.map(({ values }) => values));
  const candidates = strategy
    .choose(merged, size, { seed: config.seed, round, awaited })
    .map((best): SelectedCandidate => {
      const materialHash = best.materialHash as ContentHash;
      return {
        materialId: best.id,
        materialHash,
        calculationId: calculationId(materialHash, recipe),
        score: best.score,
        mean: best.mean,
        standardDeviation: best.standardDeviation,
      };
    });
  const metrics = config.targets.flatMap((target, t) => [
    subsetMetrics(
      target,
      'candidates',
      rankings.map((ranking) => ranking.candidatesAggregates[t]!),
    ),
    subsetMetrics(
      target,
      'test',
      rankings.map((ranking) => ranking.testAggregates[t]!),
    ),
  ]);
  return { candidates, metrics };
}

/** The same with what was measured; nothing is chosen where that ends the campaign. */
export function roundSelection(
  state: CampaignState,
  rankings: readonly PartitionRanking[],
  uncertainty: RoundUncertainty | undefined,
  { round, size }: { readonly round: number; readonly size: number },
): RoundSelection {
  const chosen = selectCandidates(state.created!, rankings, { round, size });
  const measured = { ...chosen, ...(uncertainty && { uncertainty }) };
  const figures = roundStopFigures(state, rankings, measured, round);
  if (figures === undefined) return measured;
  const ends = stopReason(presentStopRule(state), { ...stopProgress(state), figures }) !== undefined;
  return { ...measured, ...(ends && { candidates: [] }), stopFigures: figures };
}

/**
 * How far the round's STDEV is an error bar; undefined where a shard of an older version has not told its known rows.
 * In steps between which other work can be done.
 */
export function* measuredUncertainty(
  { config }: CampaignCreated,
  rankings: readonly PartitionRanking[],
  last: { readonly round: number; readonly calibrations: readonly TargetCalibration[] },
): Generator<void, RoundUncertainty | undefined> {
  const { targets, seed } = config;
  const settings = {
    targets,
    transforms: transformsOf(config),
    seed,
    round: last.round + 1,
    before: last.calibrations,
  };
  const rows = rankings.flatMap(({ measuredRows }) =>
    measuredRows.map((row) => fromMeasuredRowMessage(row, targets.length)),
  );
  const tested = rankings.reduce((sum, { testAggregates }) => sum + (testAggregates[0]?.count ?? 0), 0);
  if (rows.filter(({ subset }) => subset === 'test').length !== tested) return undefined;
  return yield* roundUncertainty(rows, settings);
}

/** By what the stop rule decides; undefined where it counts labels and rounds alone. */
function roundStopFigures(
  state: CampaignState,
  rankings: readonly PartitionRanking[],
  selection: Pick<RoundSelection, 'metrics' | 'uncertainty'>,
  round: number,
): readonly StopFigure[] | undefined {
  const { config } = state.created!;
  const { targets, acquisition } = config;
  const rows = rankings
    .flatMap(({ measuredRows }) => measuredRows.map((row) => fromMeasuredRowMessage(row, targets.length)))
    .filter(({ subset }) => subset === 'reserve')
    .sort((a, b) => compareIds(a.materialId, b.materialId));
  const { examples, testSet } = state.rounds.get(round)!.opened!.snapshot;
  const stdevOf = (target: string) =>
    selection.metrics.find((one) => one.target === target && one.subset === 'candidates')?.standardDeviationMean;
  const scaleOf = (target: string) => calibrationFor(selection.uncertainty?.calibrations ?? [], target, '')?.scale;
  const figures = stopFigures(presentStopRule(state), targets, {
    round,
    reserveErrors: targets.map((_, t) =>
      rows.map(({ mean, actual }) => Math.abs(mean[t]! - actual[t]!)).filter((error) => !Number.isNaN(error)),
    ),
    calibratedStdev: targets.map((target) => (stdevOf(target) ?? Number.NaN) * (scaleOf(target) ?? Number.NaN)),
    best: rankings[0]?.best ?? [],
    isMinimal: 'goal' in acquisition && acquisition.goal === 'min',
    trained: examples.count - testSet.count,
    batch: acquisition.batch,
    before: Array.from({ length: round - 1 }, (_, i) => state.rounds.get(i + 1)?.stopFigures ?? []),
  });
  return figures.length > 0 ? figures : undefined;
}

/** How a campaign's calculations are done; scoped to it, because what it reveals is its own. */
export function recipeOf(campaign: string, { calculator, labels, seed }: CampaignCreated['config']): Recipe {
  if (calculator.kind === 'manual') return { kind: 'manual', campaign, method: calculator.method };
  if (calculator.kind === 'command') {
    const { kind, argv, structure, method } = calculator;
    return { kind, argv, structure, method };
  }
  if (calculator.kind === 'espresso') return espressoRecipe(calculator);
  const pretence = { campaign, seed, ...calculator.mishaps };
  switch (calculator.kind) {
    case 'replay':
      return { kind: 'replay', labels, ...pretence };
    case 'simulated':
      return { kind: 'simulated', ...pretence };
  }
}

function espressoRecipe({
  kind,
  pseudopotentials,
  cutoffRy,
  kSpacing,
  smearingRy,
  strains,
  isSymmetryReduced,
  stressMaxGpa,
}: EspressoSettings): EspressoRecipe {
  const numbers = { cutoffRy, kSpacing, smearingRy, strains, isSymmetryReduced, stressMaxGpa };
  return { kind, procedure: 1, pseudopotentials, ...numbers };
}

/** How its programs are run, as the request says it; nothing where there are none. */
export function executionOf(campaign: string, { calculator }: CampaignCreated['config']): { execution?: string } {
  return 'execution' in calculator ? { execution: executionText({ campaign, ...calculator.execution }) } : {};
}

function subsetMetrics(
  target: SubsetMetrics['target'],
  subset: SubsetMetrics['subset'],
  messages: readonly Parameters<typeof fromAggregatesMessage>[0][],
): SubsetMetrics {
  const merged: ScoreAggregates = mergeAggregates(messages.map(fromAggregatesMessage));
  return {
    target,
    subset,
    ...ensembleMetrics(merged),
    rows: merged.count,
    standardDeviationMean: merged.standardDeviationSum / merged.count,
    standardDeviationHistogram: merged.standardDeviationHistogram,
    standardDeviationBin: merged.standardDeviationBin,
  };
}
