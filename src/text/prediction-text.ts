import { ALL_FEATURES } from '../featurizers/feature-schema.ts';
import { type Estimate, tendency } from '../learning/ensemble/derived-properties.ts';
import type { DomainFinding } from '../learning/ensemble/training-domain.ts';
import { elementSymbol } from '../model/element-symbols.ts';
import type { Modulus } from '../model/target.ts';
import { quantities } from '../model/target-words.ts';
import { explanationJson, explanationLines } from '../reading/explanation.ts';
import type { Predictor, StructurePrediction } from '../reading/structure-prediction.ts';
import { PLAIN, type TextStyle, wrapped } from './text-style.ts';

/** Features named in a warning for people; JSON has them all. */
const NAMED_MAX = 3;
/** Features that an explanation for people names; JSON has them all. */
const EXPLAINED_FEATURES = 5;

/** One line; null where a property has no meaning or is not predicted. */
export function predictionJson(prediction: StructurePrediction, predictor: Predictor): string {
  const { campaign, round, simulated, intervalLevel } = predictor;
  const { id, formula, derived, domain } = prediction;
  const document = {
    material_id: id,
    formula,
    campaign,
    round,
    simulated_labels: simulated,
    g_vrh: withInterval(prediction, 'g_vrh') ?? null,
    k_vrh: withInterval(prediction, 'k_vrh') ?? null,
    interval_level: intervalLevel ?? null,
    young_modulus: derived?.young_modulus ?? null,
    homogeneous_poisson: derived?.homogeneous_poisson ?? null,
    pugh_ratio: derived?.pugh_ratio ?? null,
    tendency: derived ? tendency(derived) : null,
    vickers_hardness: { chen: derived?.vickers_chen ?? null, tian: derived?.vickers_tian ?? null },
    outside_training_domain: domain.isOutside,
    new_elements: domain.newElements.map(elementSymbol),
    features_out_of_range: domain.outOfRange.map(({ index, value, minimum, maximum }) => {
      return { label: ALL_FEATURES[index]!.label, value, minimum, maximum };
    }),
    features_not_known: domain.notKnown.map((index) => ALL_FEATURES[index]!.label),
    ...(prediction.explanation && { explanation: explanationJson(prediction.explanation) }),
  };
  return `${JSON.stringify(document)}\n`;
}

function withInterval({ targets, calibrated }: StructurePrediction, target: Modulus) {
  const [estimate, bounds] = [targets.get(target), calibrated.get(target)];
  if (estimate === undefined || bounds === undefined) return estimate;
  const { calibratedStdev, low, high } = bounds;
  const limits = { calibrated_stdev: calibratedStdev, low, high };
  // JSON knows no infinity: null is without bound.
  return { ...estimate, ...limits };
}

const ESTIMATE_WIDTH = 16;
const TENDENCY_WIDTH = 10;
const MODULI = ['G (GPa)', 'K (GPa)', 'E (GPa)', 'Poisson', 'K/G'];
const HARDNESS = ['H Chen (GPa)', 'H Tian (GPa)'];

/** For people: aligned, a row each, and under it what must be said of it. */
export function predictionTable(
  predictions: readonly StructurePrediction[],
  { campaign, round, members, labels, simulated, intervalLevel }: Predictor,
  style: TextStyle = PLAIN,
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
    intervalLevel === undefined
      ? 'the STDEV is no error bar, and the campaign has no reserve that would calibrate it'
      : `in brackets what is to hold ${100 * intervalLevel} % of the true values, calibrated by the reserve`,
    '',
    ...(header.join('').length > style.columns
      ? predictions.flatMap(blockLines)
      : [header.join('').trimEnd(), ...predictions.flatMap((prediction) => rowLines(prediction, widths))]),
  ].map((line) => painted(wrapped(line, style.columns, 4), style));
  return `${lines.join('\n')}\n`;
}

function rowLines(
  prediction: StructurePrediction,
  widths: { readonly id: number; readonly formula: number },
): string[] {
  const { id, formula, derived, domain } = prediction;
  const [moduli, hardness] = estimates(prediction);
  const cell = (text: string) => `${text.padEnd(ESTIMATE_WIDTH - 1)} `;
  const cells = [
    id.padEnd(widths.id),
    formula.padEnd(widths.formula),
    ...moduli.map(cell),
    (derived ? tendency(derived) : '').padEnd(TENDENCY_WIDTH),
    ...hardness.map(cell),
  ];
  return [cells.join('').trimEnd(), ...intervalLines(prediction), ...whyLines(prediction), ...warningLines(domain)];
}

/** The same one below the other, for a terminal that is too narrow for the row. */
function blockLines(prediction: StructurePrediction): string[] {
  const { id, formula, derived, domain } = prediction;
  const [moduli, hardness] = estimates(prediction);
  const line = (names: readonly string[]) => (text: string, i: number) =>
    `  ${names[i]!.padEnd(ESTIMATE_WIDTH)}${text}`;
  return [
    `${id}  ${formula}${derived ? `  ${tendency(derived)}` : ''}`,
    ...moduli.map(line(MODULI)),
    ...hardness.map(line(HARDNESS)),
    ...intervalLines(prediction),
    ...whyLines(prediction),
    ...warningLines(domain),
  ];
}

/** As MODULI and HARDNESS name them. */
function estimates({ targets, derived }: StructurePrediction): readonly [string[], string[]] {
  const text = (estimate: Estimate | undefined, digits: number) =>
    estimate ? `${estimate.mean.toFixed(digits)} ± ${estimate.stdev.toFixed(digits)}` : 'n/a';
  return [
    [
      text(targets.get('g_vrh'), 1),
      text(targets.get('k_vrh'), 1),
      text(derived?.young_modulus, 1),
      text(derived?.homogeneous_poisson, 3),
      text(derived?.pugh_ratio, 2),
    ],
    [text(derived?.vickers_chen, 1), text(derived?.vickers_tian, 1)],
  ];
}

function intervalLines({ calibrated }: StructurePrediction): string[] {
  const texts = [...calibrated].map(([target, { low, high }]) => {
    const bounds = Number.isFinite(high) ? `[${low.toFixed(1)}, ${high.toFixed(1)}]` : 'unbounded';
    return [target, bounds] as const;
  });
  return texts.length === 0 ? [] : [`    ${quantities(texts, '  ')}`];
}

function whyLines({ explanation }: StructurePrediction): string[] {
  return explanation ? explanationLines(explanation, EXPLAINED_FEATURES) : [];
}

function warningLines(domain: DomainFinding): string[] {
  return domainWarnings(domain).map((warning) => `  ! ${warning}`);
}

function painted(line: string, { paint }: TextStyle): string {
  return line.startsWith('  ! ') ? paint('yellow', line) : line;
}

/** What is to be said of a material that lies outside the training domain. */
export function domainWarnings({ isOutside, newElements, outOfRange, notKnown }: DomainFinding): string[] {
  const found: string[] = [];
  if (newElements.length > 0) {
    found.push(`no training material holds ${newElements.map(elementSymbol).join(', ')}`);
  }
  if (isOutside && outOfRange.length > 0) {
    const named = outOfRange.slice(0, NAMED_MAX).map(({ index, value, minimum, maximum }) => {
      return `${ALL_FEATURES[index]!.label} ${short(value)} (${short(minimum)} to ${short(maximum)})`;
    });
    const count = outOfRange.length === 1 ? '1 feature is' : `${outOfRange.length} features are`;
    const more = outOfRange.length > NAMED_MAX ? ', ...' : '';
    found.push(`${count} out of the training range: ${named.join(', ')}${more}`);
  }
  const outside = found.length > 0 ? [`outside the training domain: ${found.join('; ')}`] : [];
  if (notKnown.length === 0) return outside;
  const labels = notKnown.slice(0, NAMED_MAX).map((index) => ALL_FEATURES[index]!.label);
  const more = notKnown.length > NAMED_MAX ? ', ...' : '';
  return [...outside, `not known of it, but of every training material: ${labels.join(', ')}${more}`];
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
