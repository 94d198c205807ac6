import { compareIds } from './id-order.ts';

/** The name of a numeric property that a campaign may predict: `g_vrh`, `band_gap`. */
export type Target = string;

/** Shear and bulk modulus (Voigt-Reuss-Hill), GPa: the default targets of a campaign. */
export const MODULI = ['g_vrh', 'k_vrh'] as const;
export type Modulus = (typeof MODULI)[number];

/** A model learns the values themselves or their logarithm. */
export const TARGET_TRANSFORMS = ['none', 'log'] as const;
export type TargetTransform = (typeof TARGET_TRANSFORMS)[number];

/** The meaning of a target's values. */
export interface TargetDefinition {
  readonly name: Target;
  /** `GPa`, `eV`; empty if the number has no unit. */
  readonly unit: string;
  readonly transform: TargetTransform;
  /** The largest credible magnitude, in the target's unit; absent if no limit is known. */
  readonly magnitudeMax?: number;
}

/** The unit of a value that comes without a unit. */
export const DEFAULT_UNIT = 'GPa';

/** Diamond, the stiffest solid, has 540 GPa. A larger value than this is a unit error (kbar, Pa) or a failed run. */
const MODULUS_MAX_GPA = 10_000;

const KNOWN: ReadonlyMap<Target, TargetDefinition> = new Map(
  MODULI.map((name) => [name, { name, unit: DEFAULT_UNIT, transform: 'none', magnitudeMax: MODULUS_MAX_GPA }]),
);

/** The definition of a known target; undefined for a target that its campaign must define. */
export function knownTarget(name: Target): TargetDefinition | undefined {
  return KNOWN.get(name);
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * The reason why a text cannot name a target; undefined if it can. Names become columns of tables and keys of JSON.
 */
export function targetNameProblem(text: string): string | undefined {
  if (!NAME.test(text)) return 'must be 1 to 63 of a-z, 0-9 and _, beginning with a letter';
  // Every object has such a key, so a missing value would be read as something else.
  return text in {} ? 'is a word of JavaScript: choose another name' : undefined;
}

/** Numbers by target; an absent target is unknown. */
export type TargetValues = Readonly<Partial<Record<Target, number>>>;

/** The known values of a material. */
export interface MeasuredValues {
  readonly values: TargetValues;
  /** The units of those values that are not in GPa. */
  readonly units?: Readonly<Partial<Record<Target, string>>>;
}

/** A value with its target and unit. */
export interface TargetValue {
  readonly target: Target;
  readonly value: number;
  readonly unit: string;
}

export function unitOf({ units }: Pick<MeasuredValues, 'units'>, target: Target): string {
  return units?.[target] ?? DEFAULT_UNIT;
}

/** The values in the order of their names. */
export function targetValues(measured: MeasuredValues): TargetValue[] {
  const names = Object.keys(measured.values).sort(compareIds);
  return names.flatMap((target) => {
    const value = measured.values[target];
    return value === undefined ? [] : [{ target, value, unit: unitOf(measured, target) }];
  });
}

/** The inverse of `targetValues`. The default unit is not stored, so that equal values give equal objects. */
export function measuredValues(list: Iterable<TargetValue>): MeasuredValues {
  const [values, units]: [Record<Target, number>, Record<Target, string>] = [{}, {}];
  for (const { target, value, unit } of list) {
    values[target] = value;
    if (unit !== DEFAULT_UNIT) units[target] = unit;
  }
  return Object.keys(units).length > 0 ? { values, units } : { values };
}
