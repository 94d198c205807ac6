import { type ContentHash, contentHash } from './content-hash.ts';
import { compareIds } from './id-order.ts';
import type { MaterialId } from './material-id.ts';
import { RejectedInput } from './rejection.ts';

/** What is predicted, in this order wherever targets have an index: shear and bulk modulus (VRH), GPa. */
export const TARGETS = ['g_vrh', 'k_vrh'] as const;
export type Target = (typeof TARGETS)[number];

export const METHOD_KINDS = ['dft', 'replay', 'simulated'] as const;
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

export interface LabelContent {
  readonly materialId: MaterialId;
  /** The material version that was calculated. */
  readonly materialHash: ContentHash;
  /** Where the label belongs: a campaign names the sets that it accepts. */
  readonly labelSet: string;
  readonly method: LabelMethod;
  /** Where it came from: file and row, database and version, or calculation id. */
  readonly provenance: string;
  /** GPa; an absent target is not known. */
  readonly values: Readonly<Partial<Record<Target, number>>>;
  /** Float64Array[36], row-major 6x6 stiffness, Voigt order, GPa. */
  readonly tensor?: Float64Array;
}

export interface Label extends LabelContent {
  readonly id: ContentHash;
}

/** No solid comes near: diamond, the stiffest, has 540 GPa. A value beyond is a unit error (kbar, Pa) or a crash. */
const MODULUS_MAX_GPA = 10_000;

/**
 * A label with its id, the hash of all of it.
 * Negative moduli pass: they are results, which a campaign's data filters drop by name.
 * @throws RejectedInput `missing_field` without any modulus, `bad_number`, `out_of_range`
 */
export function createLabel(content: LabelContent): Label {
  checkModuli(content.materialId, content.values);
  return { ...content, id: labelId(content) };
}

/** The id of a label with this content. */
export function labelId(content: LabelContent): ContentHash {
  const { materialId, materialHash, labelSet, method, provenance, values, tensor } = content;
  const moduli = TARGETS.map((target) => values[target]);
  const how = [method.kind, method.code ?? null, method.functional ?? null, method.relaxedIon ?? null];
  const what = [...moduli.map((value) => value ?? null), tensor ?? null];
  return contentHash('label', [materialId, materialHash, labelSet, how, provenance, ...what]);
}

/**
 * Whether a material's moduli can be a label.
 * @throws RejectedInput `missing_field` without any modulus, `bad_number`, `out_of_range`
 */
export function checkModuli(materialId: MaterialId, values: LabelContent['values']): void {
  if (TARGETS.every((target) => values[target] === undefined)) {
    throw new RejectedInput('missing_field', `${materialId} has neither ${TARGETS.join(' nor ')}; give at least one`);
  }
  for (const target of TARGETS) {
    const value = values[target];
    if (value === undefined) continue;
    if (!Number.isFinite(value)) {
      const remedy = 'give a number in GPa, or leave it out where unknown';
      throw new RejectedInput('bad_number', `${target} of ${materialId} is ${value}; ${remedy}`);
    }
    if (Math.abs(value) > MODULUS_MAX_GPA) {
      const limit = `at most ${MODULUS_MAX_GPA} GPa are believable; is the unit GPa?`;
      throw new RejectedInput('out_of_range', `${target} of ${materialId} is ${value} GPa; ${limit}`);
    }
  }
}

/** A label set that a campaign accepts, and optionally the only methods that it accepts of it. */
export interface AcceptedLabels {
  readonly labelSet: string;
  readonly methods?: readonly MethodKind[];
}

/**
 * The one label of a material that a campaign uses: of the acceptable ones that of the source named first, among
 * these the one of the smallest id. It depends on the set of labels only, never on their order of arrival.
 * @param accepted most trusted first
 */
export function acceptedLabel(labels: Iterable<Label>, accepted: readonly AcceptedLabels[]): Label | undefined {
  let best: Label | undefined;
  let bestPriority = accepted.length;
  for (const label of labels) {
    const priority = accepted.findIndex((source) => accepts(source, label));
    if (priority === -1 || priority > bestPriority) continue;
    if (best === undefined || priority < bestPriority || compareIds(label.id, best.id) < 0) {
      best = label;
      bestPriority = priority;
    }
  }
  return best;
}

function accepts({ labelSet, methods }: AcceptedLabels, label: Label): boolean {
  return label.labelSet === labelSet && (methods === undefined || methods.includes(label.method.kind));
}
