import { ensembleStatistics } from '../kernels/ensemble-statistics.ts';
import { predictEnsemble } from '../kernels/tree-ensemble/predict.ts';
import type { TreeEnsemble } from '../kernels/tree-ensemble/tree-ensemble.ts';
import type { ContentHash } from '../model/content-hash.ts';
import type { LabelContent, Target } from '../model/label.ts';
import type { MaterialId } from '../model/material-id.ts';
import type { AcquisitionContext, AcquisitionStrategy } from './acquisition-strategy.ts';
import type { Example } from './material-catalogue.ts';
import type { PoolCandidate } from './round-contents.ts';
import { aggregateScores, type ScoreAggregates } from './score-aggregates.ts';
import { TopCandidates } from './top-candidates.ts';
import { featureMatrix } from './training-set.ts';

/** An ensemble: by member, by target. */
export type EnsembleModels = readonly (readonly TreeEnsemble[])[];

/** A candidate as its partition reports it. */
export interface RankedCandidate {
  readonly id: MaterialId;
  readonly materialHash: ContentHash;
  readonly score: number;
  /** By target, GPa. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
  /** Members x targets, member by member, GPa. */
  readonly memberPredictions: readonly number[];
}

/** Predictions for some rows. */
export interface RowPredictions {
  /** By target: Float64Array[members * rows], member by member, GPa. */
  readonly byTarget: readonly Float64Array[];
  readonly mean: readonly Float64Array[];
  readonly standardDeviation: readonly Float64Array[];
}

export interface PartitionRank {
  /** Best first. */
  readonly candidates: readonly RankedCandidate[];
  /** By target. */
  readonly poolAggregates: readonly ScoreAggregates[];
  readonly testAggregates: readonly ScoreAggregates[];
  /** Of the pool, in its order. */
  readonly predictions: RowPredictions;
}

export interface RankSettings {
  readonly models: EnsembleModels;
  readonly targets: readonly Target[];
  readonly columns: Int32Array;
  readonly strategy: AcquisitionStrategy;
  readonly context: AcquisitionContext;
  /** How many candidates are reported. */
  readonly keep: number;
}

/** Scores the candidates of one partition with every member, and its test rows beside them. */
export function rankPartition(
  pool: readonly PoolCandidate[],
  test: readonly Example[],
  settings: RankSettings,
): PartitionRank {
  const { targets, strategy, context } = settings;
  const predictions = predictRows(pool, settings);
  const top = new TopCandidates<{ id: MaterialId; score: number; row: number }>(settings.keep);
  pool.forEach(({ facts: { materialId: id } }, row) => {
    const at = (values: readonly Float64Array[]) => values.map((column) => column[row]!);
    const { mean, standardDeviation } = predictions;
    const candidate = { id, mean: at(mean), standardDeviation: at(standardDeviation) };
    top.offer({ id, score: strategy.score(candidate, context), row });
  });
  const testPredictions = predictRows(test, settings);
  const truths = pool.map(({ truth }) => truth);
  return {
    candidates: top.best().map(({ id, score, row }) => {
      const { materialHash } = pool[row]!.facts;
      return { id, materialHash, score, ...candidateAt(predictions, row, pool.length, settings.models.length) };
    }),
    poolAggregates: aggregates(predictions, truths, targets, settings.models.length),
    testAggregates: aggregates(
      testPredictions,
      test.map(({ label }) => label.values),
      targets,
      settings.models.length,
    ),
    predictions,
  };
}

/** Every member's prediction of every row, with mean and population STDEV over the members. */
export function predictRows(
  rows: readonly { readonly vector: Float64Array }[],
  { models, targets, columns }: Pick<RankSettings, 'models' | 'targets' | 'columns'>,
): RowPredictions {
  const matrix = featureMatrix(rows, columns);
  const n = rows.length;
  const byTarget = targets.map((_, t) => {
    const values = new Float64Array(models.length * n);
    for (const [m, member] of models.entries()) {
      predictEnsemble(member[t]!, matrix, values.subarray(m * n, (m + 1) * n));
    }
    return values;
  });
  const statistics = byTarget.map((values) => ensembleStatistics(values, models.length));
  return {
    byTarget,
    mean: statistics.map(({ mean }) => mean),
    standardDeviation: statistics.map(({ standardDeviation }) => standardDeviation),
  };
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
  truths: readonly (LabelContent['values'] | undefined)[],
  targets: readonly Target[],
  members: number,
): ScoreAggregates[] {
  return targets.map((target, t) => {
    const actual = truths.map((truth) => truth?.[target] ?? Number.NaN);
    return aggregateScores(byTarget[t]!, members, actual);
  });
}
