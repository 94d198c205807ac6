import { type ContentHash, contentHash, type HashField } from './content-hash.ts';
import { textProblem } from './given-name.ts';
import { compareIds } from './id-order.ts';
import type { MaterialId } from './material-id.ts';
import { RejectedInput } from './rejection.ts';
import {
  DEFAULT_UNIT,
  knownTarget,
  type MeasuredValues,
  MODULI,
  type TargetValue,
  targetNameProblem,
  targetValues,
} from './target.ts';

export const METHOD_KINDS = ['dft', 'replay', 'simulated', 'potential'] as const;
type MethodKind = (typeof METHOD_KINDS)[number];

/** How a label was obtained. What is not known is absent, and another method than what is known. */
export interface LabelMethod {
  readonly kind: MethodKind;
  /** `VASP 5.4.4`, `Quantum ESPRESSO 7.3` */
  readonly code?: string;
  /** `PBE`, `PBEsol` */
  readonly functional?: string;
  readonly relaxedIon?: boolean;
}

export interface LabelContent extends MeasuredValues {
  readonly materialId: MaterialId;
  /** The material version that was calculated. */
  readonly materialHash: ContentHash;
  /** Where the label belongs: a campaign names the sets that it accepts. */
  readonly labelSet: string;
  readonly method: LabelMethod;
  /** Where it came from: file and row, database and version, or calculation id. */
  readonly provenance: string;
  /** Float64Array[36], row-major 6x6 stiffness, Voigt order, GPa. */
  readonly tensor?: Float64Array;
  /** Hash of the set of deformations to which the values were fitted, if they were. */
  readonly deformationsHash?: ContentHash;
  /** The id of the label that this one corrects. Both are kept. */
  readonly supersedes?: ContentHash;
}

export interface Label extends LabelContent {
  readonly id: ContentHash;
}

/**
 * A label with its id, the hash of all of it.
 * Negative moduli pass: they are results, which a campaign's data filters drop by name.
 * @throws RejectedInput `missing_field` without any value, `bad_number`, `out_of_range`
 */
export function createLabel(content: LabelContent): Label {
  checkValues(content.materialId, content);
  return { ...content, id: labelId(content) };
}

/** The id of a label with this content. */
export function labelId(content: LabelContent): ContentHash {
  const { materialId, materialHash, labelSet, method, provenance, values, tensor } = content;
  const base = [materialId, materialHash, labelSet, methodFields(method), provenance];
  const all = targetValues(content);
  if (content.supersedes !== undefined) {
    const { deformationsHash = null, supersedes } = content;
    return contentHash('label-correction', [
      ...base,
      valueFields(content),
      tensor ?? null,
      deformationsHash,
      supersedes,
    ]);
  }
  if (content.deformationsHash === undefined && all.every(isPlainModulus)) {
    const moduli = MODULI.map((target) => values[target] ?? null);
    return contentHash('label', [...base, ...moduli, tensor ?? null]);
  }
  return contentHash('label-of-targets', [
    ...base,
    valueFields(content),
    tensor ?? null,
    content.deformationsHash ?? null,
  ]);
}

export function methodFields({ kind, code, functional, relaxedIon }: LabelMethod): HashField[] {
  return [kind, code ?? null, functional ?? null, relaxedIon ?? null];
}

export function valueFields(measured: MeasuredValues): HashField[] {
  return targetValues(measured).map(({ target, unit, value }) => [target, unit, value]);
}

/** Labels that hold only these keep the hash tuple of older versions. */
function isPlainModulus({ target, unit }: TargetValue): boolean {
  return MODULI.some((modulus) => modulus === target) && unit === DEFAULT_UNIT;
}

/**
 * Whether a material's values can be a label.
 * @throws RejectedInput `missing_field` without any value, `bad_number`, `out_of_range`
 */
export function checkValues(materialId: MaterialId, measured: MeasuredValues): void {
  const all = targetValues(measured);
  if (all.length === 0) {
    throw new RejectedInput('missing_field', `${materialId} has neither ${MODULI.join(' nor ')}; give at least one`);
  }
  for (const one of all) checkValue(materialId, one);
}

const UNIT_BYTES_MAX = 64;

function checkValue(materialId: MaterialId, { target, value, unit }: TargetValue): void {
  const problem = targetNameProblem(target);
  if (problem !== undefined) throw new RejectedInput('bad_id', `target ${JSON.stringify(target)} ${problem}`);
  const unitProblem = textProblem(unit, UNIT_BYTES_MAX);
  if (unitProblem !== undefined) throw new RejectedInput('out_of_range', `the unit of ${target} ${unitProblem}`);
  const known = knownTarget(target);
  if (!Number.isFinite(value)) {
    const remedy = `give a number${unit === '' ? '' : ` in ${known?.unit ?? unit}`}, or leave it out where unknown`;
    throw new RejectedInput('bad_number', `${target} of ${materialId} is ${value}; ${remedy}`);
  }
  if (known === undefined) return;
  if (unit !== known.unit) {
    const given = unit === '' ? 'no unit' : unit;
    throw new RejectedInput('out_of_range', `${target} of ${materialId} has ${given}; give it in ${known.unit}`);
  }
  if (Math.abs(value) > (known.magnitudeMax ?? Number.POSITIVE_INFINITY)) {
    const limit = `at most ${known.magnitudeMax} ${unit} are believable; is the unit ${unit}?`;
    throw new RejectedInput('out_of_range', `${target} of ${materialId} is ${value} ${unit}; ${limit}`);
  }
}

/** Values of a material by another method, stored beside its features. */
export interface FidelityValues extends MeasuredValues {
  readonly method: LabelMethod;
}

/** A label set that a campaign accepts, and optionally the only methods that it accepts of it. */
export interface AcceptedLabels {
  readonly labelSet: string;
  readonly methods?: readonly MethodKind[];
}

/**
 * The one label of a material that a campaign uses: of the acceptable ones that of the source named first, among these
 * one that no other of them corrects, among these the one of the smallest id. It depends on the set of labels only,
 * never on their order of arrival.
 * @param accepted most trusted first
 */
export function acceptedLabel(labels: Iterable<Label>, accepted: readonly AcceptedLabels[]): Label | undefined {
  let trusted: Label[] = [];
  let bestPriority = accepted.length;
  for (const label of labels) {
    const priority = accepted.findIndex((source) => accepts(source, label));
    if (priority === -1 || priority > bestPriority) continue;
    if (priority < bestPriority) trusted = [];
    trusted.push(label);
    bestPriority = priority;
  }
  // An id hashes the one that it corrects, so no chain of corrections is a circle, and one label is left.
  const corrected = new Set(trusted.map(({ supersedes }) => supersedes));
  const standing = trusted.filter(({ id }) => !corrected.has(id));
  return standing.reduce<Label | undefined>(
    (best, label) => (best === undefined || compareIds(label.id, best.id) < 0 ? label : best),
    undefined,
  );
}

function accepts({ labelSet, methods }: AcceptedLabels, label: Label): boolean {
  return label.labelSet === labelSet && (methods === undefined || methods.includes(label.method.kind));
}
