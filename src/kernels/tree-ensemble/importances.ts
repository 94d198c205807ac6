import type { TreeEnsemble } from './tree-ensemble.ts';

export interface FeatureImportances {
  /** Float64Array[columns], the sum of the gains of the splits on each column, in squared units of the target. */
  readonly gain: Float64Array;
  /** Float64Array[columns], the number of splits on each column. */
  readonly splits: Float64Array;
}

/**
 * The importance of each column to the ensemble: LightGBM's `gain` and `split` importances.
 * Equation: gain_j = sum of the gains of all splits on column j; splits_j = their number
 * Source: LightGBM 4.7.0, GBDT::FeatureImportance, which ignores splits without a positive gain.
 * Shapes: both arrays have one entry per column of the ensemble
 * Units: gain in squared units of the target; each split's gain has six digits, as in the model text
 * Errors: none
 * Known value: a model that has only leaves gives zeros.
 */
export function featureImportances(ensemble: TreeEnsemble): FeatureImportances {
  const gain = new Float64Array(ensemble.columns);
  const splits = new Float64Array(ensemble.columns);
  ensemble.features.forEach((column, split) => {
    if (!(ensemble.gains[split]! > 0)) return;
    gain[column]! += ensemble.gains[split]!;
    splits[column]! += 1;
  });
  return { gain, splits };
}
