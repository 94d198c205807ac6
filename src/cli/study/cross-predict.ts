import { type FeatureSet, featureIndices } from '../../featurizers/feature-schema.ts';
import { boosterOf, type EnsembleSettings } from '../../learning/campaign/campaign-config.ts';
import { featureMatrix } from '../../learning/data/training-set.ts';
import { learnedValue } from '../../learning/ensemble/learned-scale.ts';
import { readModel } from '../../learning/ensemble/member-models.ts';
import { boosterSeed } from '../../learning/ensemble/member-split.ts';
import { predictRows } from '../../learning/ensemble/predict-rows.ts';
import type { Target } from '../../model/target.ts';
import type { Regressor } from '../../ports/regressor.ts';
import type { StudyRow } from './matbench-data.ts';

export interface CrossSettings {
  readonly features: FeatureSet;
  readonly ensemble: EnsembleSettings;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onMember: () => void;
}

/** LightGBM's min_data_in_bin, at its default. */
const ROWS_PER_BIN_MIN = 3;

/**
 * Predicts the rows of one fold by an ensemble that is trained on the rows of all others, on a logarithmic scale. The
 * members train on the same rows, and differ in kind and in what they draw.
 * @returns the ensemble's means, in the order of the fold's rows
 */
export async function predictFold(
  rows: readonly StudyRow[],
  fold: number,
  target: Target,
  regressor: Regressor,
  { features, ensemble, seed, signal, onMember }: CrossSettings,
): Promise<number[]> {
  const [training, test] = [rows.filter((row) => row.fold !== fold), rows.filter((row) => row.fold === fold)];
  const columns = featureIndices(features);
  const values = featureMatrix(training, columns);
  const bins = await regressor.bin(
    { rows: training.length, columns: columns.length, values },
    { binsMax: ensemble.booster.binsMax, rowsPerBinMin: ROWS_PER_BIN_MIN },
  );
  try {
    const all = Int32Array.from(training, (_, i) => i);
    const targets = Float64Array.from(training, ({ actual }) => learnedValue(actual, 'log'));
    const models = await Promise.all(
      Array.from({ length: ensemble.members }, async (_, member) => {
        const { binsMax: _shared, ...settings } = boosterOf(ensemble, member, target);
        const task = { rows: all, targets, seed: boosterSeed(seed, member, target), settings };
        const { modelText } = await bins.train(task, { signal });
        onMember();
        return [readModel(modelText)];
      }),
    );
    const { mean } = predictRows(test, { models, targets: [target], transforms: ['log'], columns });
    return [...mean[0]!];
  } finally {
    await bins.release();
  }
}
