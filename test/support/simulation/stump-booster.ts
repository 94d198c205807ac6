import type { TrainingMatrix, TrainingTask } from '../../../src/ports/regressor.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A tree with one split. */
export interface Stump {
  readonly column: number;
  readonly threshold: number;
  readonly gain: number;
  /** The value up to the threshold, and the value above it or for an unknown feature. */
  readonly leaves: readonly [number, number];
}

/** The number of splits tried per tree: the best of a few random ones, so that a tree takes microseconds. */
const TRIES = 8;

/**
 * Fits the next stump to the residuals of the task's rows and lowers the residuals by it. Without a useful split, both
 * leaves are the mean.
 */
export function growStump(
  { values, columns }: TrainingMatrix,
  { rows, settings }: Pick<TrainingTask, 'rows' | 'settings'>,
  residuals: Float64Array,
  random: SeededRandom,
): Stump {
  const mean = residuals.reduce((sum, residual) => sum + residual, 0) / rows.length;
  let best = { column: 0, threshold: 0, gain: 0, means: [mean, mean] as [number, number] };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const column = random.int(columns);
    const threshold = values[rows[random.int(rows.length)]! * columns + column]!;
    if (Number.isNaN(threshold)) continue;
    let [count, sum] = [0, 0];
    rows.forEach((row, i) => {
      if (!(values[row * columns + column]! <= threshold)) return;
      count++;
      sum += residuals[i]!;
    });
    const others = rows.length - count;
    if (count === 0 || others === 0) continue;
    const means: [number, number] = [sum / count, (mean * rows.length - sum) / others];
    const gain = count * (means[0] - mean) ** 2 + others * (means[1] - mean) ** 2;
    if (gain > best.gain) best = { column, threshold, gain, means };
  }
  const { column, threshold, gain, means } = best;
  const leaves = [means[0] * settings.learningRate, means[1] * settings.learningRate] as const;
  rows.forEach((row, i) => {
    residuals[i]! -= leaves[values[row * columns + column]! <= threshold ? 0 : 1];
  });
  return { column, threshold, gain, leaves };
}

/** The stumps, and the constant to which they are added, in LightGBM's text format v4. */
export function stumpsText(columns: number, offset: number, stumps: readonly Stump[]): string {
  const constant = `Tree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=${offset}\nshrinkage=1\n\n\n`;
  const trees = stumps.map(({ column, threshold, gain, leaves }, i) =>
    [
      ...[`Tree=${i + 1}`, 'num_leaves=2', 'num_cat=0', `split_feature=${column}`, `split_gain=${gain}`],
      // 8: unknown values go right.
      ...[`threshold=${threshold}`, 'decision_type=8', 'left_child=-1', 'right_child=-2'],
      ...[`leaf_value=${leaves.join(' ')}`, 'is_linear=0', 'shrinkage=1', '', '', ''],
    ].join('\n'),
  );
  const names = Array.from({ length: columns }, (_, column) => `Column_${column}`).join(' ');
  const sizes = [constant, ...trees].map(({ length }) => length).join(' ');
  const header = [
    ...['tree', 'version=v4', 'num_class=1', 'num_tree_per_iteration=1', 'label_index=0'],
    ...[`max_feature_idx=${columns - 1}`, 'objective=regression', `feature_names=${names}`, `tree_sizes=${sizes}`],
  ];
  return `${header.join('\n')}\n\n${constant}${trees.join('')}end of trees\n\nparameters:\nend of parameters\n`;
}
