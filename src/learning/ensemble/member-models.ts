import { regressionErrors, regressionMetrics } from '../../kernels/regression-errors.ts';
import { predictEnsemble } from '../../kernels/tree-ensemble/predict.ts';
import { parseTreeEnsemble, type TreeEnsemble } from '../../kernels/tree-ensemble/tree-ensemble.ts';
import { type ContentHash, contentHash } from '../../model/content-hash.ts';
import type { MemberTrained, TrainedTarget } from '../../model/events.ts';
import type { TargetTransform } from '../../model/target.ts';
import { backTransform } from './learned-scale.ts';

/** The trees of a stored model. @throws AppError `input_unreadable` */
export function readModel(text: string): TreeEnsemble {
  return parseTreeEnsemble(text);
}

/** References to a member's models: a trained member without its held-out predictions, which are large. */
export interface MemberModel {
  readonly member: number;
  readonly modelHash: ContentHash;
  readonly targets: readonly Pick<TrainedTarget, 'target' | 'model' | 'treesHash'>[];
}

export function memberModel({ member, modelHash, targets }: MemberTrained): MemberModel {
  const models = targets.map(({ target, model, treesHash }) => ({ target, model, treesHash }));
  return { member, modelHash, targets: models };
}

/** The identity of a member: the hash of its boosters' hashes, in the order of the targets. */
export function memberModelHash(treesHashes: readonly ContentHash[]): ContentHash {
  return contentHash('member-model', [...treesHashes]);
}

/**
 * A booster's predictions and errors for the rows on which it was not trained.
 * @param matrix Float64Array[n * columns], row-major, features of all training labels
 * @param actual the target of each of `rows`, in its unit
 */
export function heldOutResults(
  model: TreeEnsemble,
  matrix: Float64Array,
  rows: Int32Array,
  actual: Float64Array,
  transform: TargetTransform = 'none',
): Pick<TrainedTarget, 'heldOutRows' | 'heldOutPredictions' | 'heldOut'> {
  const { columns } = model;
  const values = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    values.set(matrix.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  const heldOutPredictions = predictEnsemble(model, values);
  backTransform(heldOutPredictions, transform);
  const { mae, rmse, r2 } = regressionMetrics(regressionErrors(heldOutPredictions, actual));
  return { heldOutRows: rows, heldOutPredictions, heldOut: { mae, rmse, r2 } };
}
