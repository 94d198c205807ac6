import { momentsOf, standardDeviation } from '../../kernels/population-moments.ts';
import type { ContentHash } from '../../model/content-hash.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { TargetValues } from '../../model/target.ts';
import type { PoolCandidate } from '../campaign/round-contents.ts';
import type { Example } from '../data/material-catalogue.ts';
import { type PredictionSettings, predictInSteps, type RowPredictions } from '../ensemble/predict-rows.ts';
import type { AcquisitionStrategy } from './batch-choice.ts';
import type { AcquisitionContext, OfferedCandidate } from './offered-candidate.ts';
import { aggregateScores, type ScoreAggregates, spreadBin } from './score-aggregates.ts';

/** A candidate as its partition reports it. */
interface RankedCandidate {
  readonly id: MaterialId;
  readonly materialHash: ContentHash;
  readonly score: number;
  /** By target, in its unit. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
  /** Members x targets, member by member. */
  readonly memberPredictions: readonly number[];
  /** As in AnsweredCandidate; empty where the strategy does not ask for it. */
  readonly sampled: readonly number[];
  readonly position: readonly number[];
}

export interface PartitionRank {
  /** Best first. */
  readonly candidates: readonly RankedCandidate[];
  /** By target. */
  readonly poolAggregates: readonly ScoreAggregates[];
  readonly testAggregates: readonly ScoreAggregates[];
  /** Of the pool, in its order. */
  readonly predictions: RowPredictions;
  readonly testPredictions: RowPredictions;
}

export interface RankSettings extends PredictionSettings {
  readonly strategy: AcquisitionStrategy;
  readonly context: AcquisitionContext;
  /** Of strategies that place candidates. */
  readonly positionOf?: (vector: Float64Array) => readonly number[];
  /** How many candidates are reported. */
  readonly keep: number;
}

/**
 * Scores the candidates of one partition with every member, and its test rows beside them: a long computation, as steps
 * between which something else may be done.
 */
export function* rankPartition(
  pool: readonly PoolCandidate[],
  test: readonly Example[],
  settings: RankSettings,
): Generator<void, PartitionRank> {
  const { strategy, context } = settings;
  const predictions = yield* predictInSteps(pool, settings);
  const answer = strategy.answer<OfferedCandidate & { row: number }>(settings.keep, context);
  pool.forEach(({ facts: { materialId: id } }, row) => {
    const at = (values: readonly Float64Array[]) => values.map((column) => column[row]!);
    const { mean, standardDeviation } = predictions;
    const spreadOf = (coefficients: ArrayLike<number>) => memberSpread(predictions, row, pool.length, coefficients);
    const predictedBy = (member: number) => predictions.byTarget.map((values) => values[member * pool.length + row]!);
    const by = { spreadOf, members: settings.models.length, predictedBy };
    answer.offer({ id, mean: at(mean), standardDeviation: at(standardDeviation), ...by, row });
  });
  yield;
  const testPredictions = yield* predictInSteps(test, settings);
  const truths = pool.map(({ truth }) => truth);
  return {
    candidates: answer.best().map(({ id, score, row, sampled = [] }) => {
      const { facts, vector } = pool[row]!;
      const predicted = candidateAt(predictions, row, pool.length, settings.models.length);
      const position = settings.positionOf?.(vector) ?? [];
      return { id, materialHash: facts.materialHash, score, ...predicted, sampled, position };
    }),
    poolAggregates: aggregates(predictions, truths, settings),
    testAggregates: aggregates(
      testPredictions,
      test.map(({ label }) => label.values),
      settings,
    ),
    predictions,
    testPredictions,
  };
}

/** The population STDEV over the members of a weighted sum of the targets. */
function memberSpread(
  { byTarget }: RowPredictions,
  row: number,
  rows: number,
  coefficients: ArrayLike<number>,
): number {
  const members = byTarget[0]!.length / rows;
  const sums = Array.from({ length: members }, (_, m) =>
    byTarget.reduce((sum, values, t) => sum + coefficients[t]! * values[m * rows + row]!, 0),
  );
  return standardDeviation(momentsOf(sums));
}

function candidateAt(predictions: RowPredictions, row: number, rows: number, members: number) {
  return {
    mean: predictions.mean.map((column) => column[row]!),
    standardDeviation: predictions.standardDeviation.map((column) => column[row]!),
    memberPredictions: Array.from({ length: members }, (_, m) =>
      predictions.byTarget.map((values) => values[m * rows + row]!),
    ).flat(),
  };
}

function aggregates(
  { byTarget }: RowPredictions,
  truths: readonly (TargetValues | undefined)[],
  { targets, models, context }: RankSettings,
): ScoreAggregates[] {
  return targets.map((target, t) => {
    const actual = truths.map((truth) => truth?.[target] ?? Number.NaN);
    const bin = spreadBin(target, context.labelStandardDeviation[t]!);
    return aggregateScores(byTarget[t]!, models.length, actual, bin);
  });
}
