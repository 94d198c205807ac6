import { FEATURES } from '../../featurizers/feature-schema.ts';
import type { DomainFinding } from '../../learning/training-domain.ts';
import { elementSymbol } from '../../model/element-symbols.ts';
import { type Estimate, tendency } from './derived-properties.ts';
import type { Predictor, StructurePrediction } from './structure-prediction.ts';

/** Features named in a warning for people; JSON has them all. */
const NAMED_MAX = 3;

/** One line; null where a property has no meaning or is not predicted. */
export function predictionJson(prediction: StructurePrediction, { campaign, round, simulated }: Predictor): string {
  const { id, formula, targets, derived, domain } = prediction;
  const document = {
    material_id: id,
    formula,
    campaign,
    round,
    simulated_labels: simulated,
    g_vrh: targets.get('g_vrh') ?? null,
    k_vrh: targets.get('k_vrh') ?? null,
    young_modulus: derived?.young_modulus ?? null,
    homogeneous_poisson: derived?.homogeneous_poisson ?? null,
    pugh_ratio: derived?.pugh_ratio ?? null,
    tendency: derived ? tendency(derived) : null,
    vickers_hardness: { chen: derived?.vickers_chen ?? null, tian: derived?.vickers_tian ?? null },
    outside_training_domain: domain.isOutside,
    new_elements: domain.newElements.map(elementSymbol),
    features_out_of_range: domain.outOfRange.map(({ index, value, minimum, maximum }) => {
      return { label: FEATURES[index]!.label, value, minimum, maximum };
    }),
    features_not_known: domain.notKnown.map((index) => FEATURES[index]!.label),
  };
  return `${JSON.stringify(document)}\n`;
}

const ESTIMATE_WIDTH = 16;
const TENDENCY_WIDTH = 10;
const MODULI = ['G (GPa)', 'K (GPa)', 'E (GPa)', 'Poisson', 'K/G'];
const HARDNESS = ['H Chen (GPa)', 'H Tian (GPa)'];

/** For people: aligned, a row each, and under it what must be said of it. */
export function predictionTable(
  predictions: readonly StructurePrediction[],
  { campaign, round, members, labels, simulated }: Predictor,
): string {
  const width = (of: (prediction: StructurePrediction) => string) =>
    predictions.reduce((most, prediction) => Math.max(most, of(prediction).length), 'material'.length) + 2;
  const widths = { id: width(({ id }) => id), formula: width(({ formula }) => formula) };
  const titles = (names: readonly string[]) => names.map((name) => name.padEnd(ESTIMATE_WIDTH)).join('');
  const header = [
    ...['material'.padEnd(widths.id), 'formula'.padEnd(widths.formula), titles(MODULI)],
    ...[' '.repeat(TENDENCY_WIDTH), titles(HARDNESS)],
  ];
  const pretended = simulated > 0 ? `, ${simulated} of them SIMULATED` : '';
  const lines = [
    `mean ± STDEV of the ${members} members of ${campaign}, round ${round}, trained on ${labels} labels${pretended}`,
    '',
    header.join('').trimEnd(),
    ...predictions.flatMap((prediction) => rowLines(prediction, widths)),
  ];
  return `${lines.join('\n')}\n`;
}

function rowLines(
  { id, formula, targets, derived, domain }: StructurePrediction,
  widths: { readonly id: number; readonly formula: number },
): string[] {
  const cells = [
    id.padEnd(widths.id),
    formula.padEnd(widths.formula),
    cell(targets.get('g_vrh'), 1),
    cell(targets.get('k_vrh'), 1),
    cell(derived?.young_modulus, 1),
    cell(derived?.homogeneous_poisson, 3),
    cell(derived?.pugh_ratio, 2),
    (derived ? tendency(derived) : '').padEnd(TENDENCY_WIDTH),
    cell(derived?.vickers_chen, 1),
    cell(derived?.vickers_tian, 1),
  ];
  return [cells.join('').trimEnd(), ...warnings(domain).map((warning) => `  ! ${warning}`)];
}

function cell(estimate: Estimate | undefined, digits: number): string {
  const text = estimate ? `${estimate.mean.toFixed(digits)} ± ${estimate.stdev.toFixed(digits)}` : 'n/a';
  return `${text.padEnd(ESTIMATE_WIDTH - 1)} `;
}

function warnings({ isOutside, newElements, outOfRange, notKnown }: DomainFinding): string[] {
  const found: string[] = [];
  if (newElements.length > 0) {
    found.push(`no training material holds ${newElements.map(elementSymbol).join(', ')}`);
  }
  if (isOutside && outOfRange.length > 0) {
    const named = outOfRange.slice(0, NAMED_MAX).map(({ index, value, minimum, maximum }) => {
      return `${FEATURES[index]!.label} ${short(value)} (${short(minimum)} to ${short(maximum)})`;
    });
    const count = outOfRange.length === 1 ? '1 feature is' : `${outOfRange.length} features are`;
    const more = outOfRange.length > NAMED_MAX ? ', ...' : '';
    found.push(`${count} out of the training range: ${named.join(', ')}${more}`);
  }
  const outside = found.length > 0 ? [`outside the training domain: ${found.join('; ')}`] : [];
  if (notKnown.length === 0) return outside;
  const labels = notKnown.slice(0, NAMED_MAX).map((index) => FEATURES[index]!.label);
  const more = notKnown.length > NAMED_MAX ? ', ...' : '';
  return [...outside, `not known of it, but of every training material: ${labels.join(', ')}${more}`];
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
