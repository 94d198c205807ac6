import { ALL_FEATURES } from '../../featurizers/feature-schema.ts';
import type { CalibratedEstimate } from '../../learning/acquisition/calibrated-estimate.ts';
import { type Estimate, tendency } from '../../learning/ensemble/derived-properties.ts';
import { elementSymbol } from '../../model/element-symbols.ts';
import type { Cell, RecordColumn } from '../../model/record-column.ts';
import type { Modulus } from '../../model/target.ts';
import type { Predictor, StructurePrediction } from '../../reading/structure-prediction.ts';
import { finiteOrNull } from '../../reading/uncertainty-rows.ts';

interface Field extends RecordColumn {
  of(prediction: StructurePrediction, predictor: Predictor): Cell | undefined;
}

/** What `predict` writes of a structure in a table for programs: one value per column, named as elsewhere. */
const FIELDS: readonly Field[] = [
  { name: 'material_id', type: 'text', of: ({ id }) => id },
  { name: 'formula', type: 'text', of: ({ formula }) => formula },
  { name: 'campaign', type: 'text', of: (_, { campaign }) => campaign },
  { name: 'round', type: 'whole', of: (_, { round }) => round },
  { name: 'simulated_labels', type: 'whole', of: (_, { simulated }) => simulated },
  ...estimate('g_vrh', ({ targets }) => targets.get('g_vrh')),
  ...interval('g_vrh'),
  ...estimate('k_vrh', ({ targets }) => targets.get('k_vrh')),
  ...interval('k_vrh'),
  { name: 'interval_level', type: 'number', of: (_, { intervalLevel }) => intervalLevel },
  ...estimate('young_modulus', ({ derived }) => derived?.young_modulus),
  ...estimate('homogeneous_poisson', ({ derived }) => derived?.homogeneous_poisson),
  ...estimate('pugh_ratio', ({ derived }) => derived?.pugh_ratio),
  { name: 'tendency', type: 'text', of: ({ derived }) => derived && tendency(derived) },
  ...estimate('vickers_hardness_chen', ({ derived }) => derived?.vickers_chen),
  ...estimate('vickers_hardness_tian', ({ derived }) => derived?.vickers_tian),
  { name: 'outside_training_domain', type: 'text', of: ({ domain }) => String(domain.isOutside) },
  { name: 'new_elements', type: 'text', of: ({ domain }) => domain.newElements.map(elementSymbol).join(' ') },
  {
    name: 'features_out_of_range',
    type: 'text',
    of: ({ domain }) => domain.outOfRange.map(({ index }) => ALL_FEATURES[index]!.label).join('; '),
  },
  {
    name: 'features_not_known',
    type: 'text',
    of: ({ domain }) => domain.notKnown.map((index) => ALL_FEATURES[index]!.label).join('; '),
  },
];

export function predictionColumns(): readonly RecordColumn[] {
  return FIELDS.map(({ name, type }) => ({ name, type }));
}

export function predictionCells(prediction: StructurePrediction, predictor: Predictor): Cell[] {
  return FIELDS.map(({ of }) => of(prediction, predictor) ?? null);
}

/** Empty without calibration, or where nothing bounds it. */
function interval(target: Modulus): Field[] {
  const field = (name: string, value: (calibrated: CalibratedEstimate) => number): Field => ({
    name: `${name}_${target}`,
    type: 'number',
    of: ({ calibrated }) => finiteOrNull(calibrated.get(target) && value(calibrated.get(target)!)),
  });
  return [
    field('calibrated_stdev', ({ calibratedStdev }) => calibratedStdev),
    field('low', ({ low }) => low),
    field('high', ({ high }) => high),
  ];
}

function estimate(name: string, of: (prediction: StructurePrediction) => Estimate | undefined): Field[] {
  return [
    { name: `mean_${name}`, type: 'number', of: (prediction) => of(prediction)?.mean },
    { name: `stdev_${name}`, type: 'number', of: (prediction) => of(prediction)?.stdev },
  ];
}
