import { compareIds } from './id-order.ts';

/** The name of a number that a material has and a campaign may predict: `g_vrh`, `band_gap`. */
export type Target = string;

/** Shear and bulk modulus (Voigt-Reuss-Hill): what a campaign predicts unless told, in this order. */
export const MODULI = ['g_vrh', 'k_vrh'] as const;
export type Modulus = (typeof MODULI)[number];

/** What a model learns of the values: themselves, or their logarithm. */
export const TARGET_TRANSFORMS = ['none', 'log'] as const;

/** What must be known of a target to use its values. */
export interface TargetDefinition {
  readonly name: Target;
  /** `GPa`, `eV`; empty where the number has none. */
  readonly unit: string;
  readonly transform: (typeof TARGET_TRANSFORMS)[number];
  /** The magnitude that no true value exceeds, in its unit; absent where nobody knows one. */
  readonly magnitudeMax?: number;
}

/** Of a value that comes without one. */
export const DEFAULT_UNIT = 'GPa';

/** No solid comes near: diamond, the stiffest, has 540 GPa. A value beyond is a unit error (kbar, Pa) or a crash. */
const MODULUS_MAX_GPA = 10_000;

const KNOWN: ReadonlyMap<Target, TargetDefinition> = new Map(
  MODULI.map((name) => [name, { name, unit: DEFAULT_UNIT, transform: 'none', magnitudeMax: MODULUS_MAX_GPA }]),
);

/** Of a target whose meaning is the same everywhere; undefined for one that its campaign must define. */
export function knownTarget(name: Target): TargetDefinition | undefined {
  return KNOWN.get(name);
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** Why a text cannot name a target: it becomes a column of tables and a key of JSON. Undefined where it can. */
export function targetNameProblem(text: string): string | undefined {
  if (!NAME.test(text)) return 'must be 1 to 63 of a-z, 0-9 and _, beginning with a letter';
  // A key that every object has would be read where no value is.
  return text in {} ? 'is a word of JavaScript: choose another name' : undefined;
}

/** Numbers by target; what is absent is not known. */
export type TargetValues = Readonly<Partial<Record<Target, number>>>;

/** What is known of a material. */
export interface MeasuredValues {
  readonly values: TargetValues;
  /** Of those values that are not in GPa. */
  readonly units?: Readonly<Partial<Record<Target, string>>>;
}

/** A value with all that it needs to be understood. */
export interface TargetValue {
  readonly target: Target;
  readonly value: number;
  readonly unit: string;
}

export function unitOf({ units }: Pick<MeasuredValues, 'units'>, target: Target): string {
  return units?.[target] ?? DEFAULT_UNIT;
}

/** In the order of the names, whatever order they came in. */
export function targetValues(measured: MeasuredValues): TargetValue[] {
  const names = Object.keys(measured.values).sort(compareIds);
  return names.flatMap((target) => {
    const value = measured.values[target];
    return value === undefined ? [] : [{ target, value, unit: unitOf(measured, target) }];
  });
}

/** The reverse: a unit is kept only where it says something, so that equal content is one content. */
export function measuredValues(list: Iterable<TargetValue>): MeasuredValues {
  const [values, units]: [Record<Target, number>, Record<Target, string>] = [{}, {}];
  for (const { target, value, unit } of list) {
    values[target] = value;
    if (unit !== DEFAULT_UNIT) units[target] = unit;
  }
  return Object.keys(units).length > 0 ? { values, units } : { values };
}
