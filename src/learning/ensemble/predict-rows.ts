import { featureIndices } from '../../featurizers/feature-schema.ts';
import { ensembleStatistics } from '../../kernels/ensemble-statistics.ts';
import { predictEnsemble } from '../../kernels/tree-ensemble/predict.ts';
import { createPredictor, type Predictor } from '../../kernels/tree-ensemble/predict-together.ts';
import type { TreeEnsemble } from '../../kernels/tree-ensemble/tree-ensemble.ts';
import type { Target, TargetTransform } from '../../model/target.ts';
import { type CampaignConfig, transformsOf } from '../campaign/campaign-config.ts';
import { featureMatrix } from '../data/training-set.ts';
import { backTransform } from './learned-scale.ts';

/** The models of an ensemble, by member, then by target. */
export type EnsembleModels = readonly (readonly TreeEnsemble[])[];

export interface PredictionSettings {
  readonly models: EnsembleModels;
  readonly targets: readonly Target[];
  /** By target, what its models have learned. */
  readonly transforms: readonly TargetTransform[];
  /** Places in the feature vector. */
  readonly columns: Int32Array;
}

/** Predictions for some rows. */
export interface RowPredictions {
  /** By target: Float64Array[members * rows], member by member, in the target's unit. */
  readonly byTarget: readonly Float64Array[];
  readonly mean: readonly Float64Array[];
  readonly standardDeviation: readonly Float64Array[];
}

/** How an ensemble of a campaign predicts. */
export function predictionSettings(
  config: Pick<CampaignConfig, 'features' | 'targets' | 'targetDefinitions'>,
  models: EnsembleModels,
): PredictionSettings {
  const { targets, features } = config;
  return { models, targets, transforms: transformsOf(config), columns: featureIndices(features) };
}

type Rows = readonly { readonly vector: Float64Array }[];

/** A step takes about 10 ms with 20 members of two targets, and its features take 0.6 MB. */
const STEP_ROWS = 256;
/** Fewer rows than this are faster one by one. */
const ROWS_TOGETHER_MIN = 8;

/** Every member's prediction for every row, with mean and population STDEV over the members. */
export function predictRows(rows: Rows, settings: PredictionSettings): RowPredictions {
  const steps = predictInSteps(rows, settings);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Like `predictRows`, in steps between which other work can be done. */
export function* predictInSteps(
  rows: Rows,
  { models, targets, transforms, columns }: PredictionSettings,
): Generator<void, RowPredictions> {
  const [n, members] = [rows.length, models.length];
  const byTarget = targets.map(() => new Float64Array(members * n));
  for (let first = 0; first < n; first += STEP_ROWS) {
    const step = rows.slice(first, first + STEP_ROWS);
    const predicted = predictAll(models, featureMatrix(step, columns), step.length);
    const of = (ensemble: number) => predicted.subarray(ensemble * step.length, (ensemble + 1) * step.length);
    for (let m = 0; m < members; m++) {
      for (const [t, values] of byTarget.entries()) values.set(of(m * targets.length + t), m * n + first);
    }
    yield;
  }
  for (const [t, values] of byTarget.entries()) backTransform(values, transforms[t]!);
  const statistics = byTarget.map((values) => ensembleStatistics(values, members));
  return {
    byTarget,
    mean: statistics.map(({ mean }) => mean),
    standardDeviation: statistics.map(({ standardDeviation }) => standardDeviation),
  };
}

/** Float64Array[members * targets * rows]; both ways give the same numbers. */
function predictAll(models: EnsembleModels, matrix: Float64Array, rows: number): Float64Array {
  if (rows >= ROWS_TOGETHER_MIN) return predictorOf(models).predict(matrix);
  const out = new Float64Array(models.flat().length * rows);
  for (const [i, ensemble] of models.flat().entries()) {
    predictEnsemble(ensemble, matrix, out.subarray(i * rows, (i + 1) * rows));
  }
  return out;
}

const predictors = new WeakMap<EnsembleModels, Predictor>();

/** Created once per ensemble, because it takes 20 ms. */
function predictorOf(models: EnsembleModels): Predictor {
  const predictor = predictors.get(models) ?? createPredictor(models.flat());
  predictors.set(models, predictor);
  return predictor;
}
