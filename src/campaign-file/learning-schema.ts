import { z } from 'zod';
import { FEATURE_SETS } from '../featurizers/feature-schema.ts';
import { PAPER_TRAIN_FROM_GPA } from '../learning/ensemble/sampling-model.ts';
import { BOOSTER_PRESETS, type BoosterConfig, type BoosterPreset } from '../model/booster-config.ts';
import { MODULI, TARGET_TRANSFORMS } from '../model/target.ts';
import { count, element, openFraction, targetName, text } from './value-schema.ts';

export const features = z.enum(FEATURE_SETS).default('paper').meta({
  description:
    'feature set, as of `elastream featurize`; with `+g` bonds and geometry too, which [a log must hold from its beginning](#feature-schemas)',
});

/** A known target is given by its name alone or with its transform, any other one with its definition. */
export const targetTable = z.strictObject({
  name: targetName.meta({ description: 'as the labels call it' }),
  unit: text.or(z.literal('')).optional().meta({
    form: 'text, to 200 characters, or empty',
    example: 'eV',
    description: 'of its values, needed unless it is g_vrh or k_vrh (GPa); labels in another unit are left out',
  }),
  transform: z
    .enum(TARGET_TRANSFORMS)
    .default('none')
    .meta({ description: 'models learn the values as they are, or their [logarithm](#logarithms)' }),
});
const target = z.union([targetName, targetTable]);
export const targets = z
  .array(target)
  .min(1)
  .default([...MODULI])
  .meta({
    form: 'list of g_vrh, k_vrh, or tables',
    description:
      'what to predict: shear modulus, bulk modulus; any other number that the labels hold as `{name: band_gap, unit: eV}`; with `transform: log` models learn its logarithm',
  });

const sampled = {
  test_fraction: openFraction.default(0.2).meta({ unit: 'of the labels', description: 'only ever measures' }),
  hold_out_fraction: z.number().min(0).lt(1).default(0.2).meta({
    unit: 'of the other labels',
    description: 'what a member does not train on, for each member others',
  }),
  train_acquired: z.boolean().default(true).meta({ description: 'never holds out labels that the campaign acquired' }),
};
const stiff = z.number().positive().optional();
const trainFromGpa = z.strictObject({
  g_vrh: stiff.meta({ unit: 'GPa', description: 'of the shear modulus' }),
  k_vrh: stiff.meta({ unit: 'GPa', description: 'of the bulk modulus' }),
});
export const sampling = z
  .discriminatedUnion('model', [
    z.strictObject({
      model: z.literal(1).meta({
        description: '1: an element only in the test set; 2: at random; 3: by strata, stiff materials always train',
      }),
      focus_element: element.meta({ description: 'the element that only ever measures' }),
      ...sampled,
    }),
    z.strictObject({ model: z.literal(2), ...sampled }),
    z.strictObject({
      model: z.literal(3),
      train_from_gpa: trainFromGpa.optional().meta({
        description: 'labels from here on always train',
        filledIn: PAPER_TRAIN_FROM_GPA,
        example: PAPER_TRAIN_FROM_GPA,
      }),
      ...sampled,
    }),
  ])
  .prefault({ model: 2 })
  .meta({ form: 'table', description: 'who trains, who measures: the models of Jo, Choi, Kim and Min' });

const presets = Object.keys(BOOSTER_PRESETS) as [BoosterPreset, ...BoosterPreset[]];
/** What people are told of a setting that the preset fills in. */
function preset(description: string, name: keyof BoosterConfig, absent?: number | string | boolean) {
  const settingOf = (one: BoosterPreset): unknown => (BOOSTER_PRESETS[one] as BoosterConfig)[name] ?? absent;
  const values = presets.map((one) => `${one} ${settingOf(one)}`).join(', ');
  return {
    description: `${description}; the preset's where it is left out: ${values}`,
    example: settingOf('balanced'),
  };
}
const booster = z.strictObject({
  preset: z.enum(presets).default('elastream').meta({
    description:
      "what holds where a key below is left out ([accuracy.md](accuracy.md)); `lightgbm`: LightGBM's own, as in the paper; `balanced`, `accurate`: members of several kinds, the second many times as slow",
  }),
  trees: count(1, 100_000).optional().meta(preset('num_iterations', 'trees')),
  leaves: count(2, 131_072)
    .optional()
    .meta({ unit: 'per tree', ...preset('num_leaves', 'leavesMax') }),
  learning_rate: z.number().positive().max(10).optional().meta(preset('learning_rate', 'learningRate')),
  feature_fraction: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .meta({ unit: 'of the features', ...preset('feature_fraction, drawn for each tree', 'featureFraction') }),
  max_bin: count(2, 65_535)
    .optional()
    .meta({ unit: 'per feature', ...preset('max_bin', 'binsMax') }),
  min_data_in_leaf: count(1, 1_000_000)
    .optional()
    .meta({ unit: 'rows', ...preset('min_data_in_leaf', 'rowsPerLeafMin') }),
  objective: z
    .enum(['l2', 'l1'])
    .optional()
    .meta(preset('objective; l1 fits medians', 'objective', 'l2')),
  bagging_fraction: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .meta({ unit: 'of the rows', ...preset('bagging_fraction, drawn for each tree', 'baggingFraction', 1) }),
  lambda_l2: z
    .number()
    .min(0)
    .max(1_000_000)
    .optional()
    .meta(preset('lambda_l2', 'lambdaL2', 0)),
  extra_trees: z
    .boolean()
    .optional()
    .meta(preset('extra_trees: one random threshold per feature', 'extraTrees', false)),
});
export const ensemble = z
  .strictObject({
    members: count(1, 1_000).default(20).meta({ description: 'their spread is the uncertainty' }),
    booster: booster.prefault({}).meta({ description: 'how each is trained, by LightGBM' }),
  })
  .prefault({})
  .meta({ description: 'the models, one per member and target' });
