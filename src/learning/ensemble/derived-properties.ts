import type { Moduli } from '../../kernels/elasticity/averages.ts';
import { vickersHardnessChen, vickersHardnessTian } from '../../kernels/elasticity/hardness.ts';
import { PUGH_LIMIT, poissonRatio, pughRatio, youngModulus } from '../../kernels/elasticity/isotropic.ts';
import { momentsOf, standardDeviation } from '../../kernels/population-moments.ts';

/** Over the members of an ensemble; STDEV in population form. */
export interface Estimate {
  readonly mean: number;
  readonly stdev: number;
}

/** By the key of `predict --json`; moduli and hardness in GPa. */
export type DerivedProperties = Readonly<Record<Exclude<DerivedName, 'vickers_chen'>, Estimate>> & {
  readonly vickers_chen: Estimate | undefined;
};
type DerivedName = keyof typeof DERIVED;

const DERIVED = {
  young_modulus: youngModulus,
  homogeneous_poisson: poissonRatio,
  pugh_ratio: pughRatio,
  vickers_chen: vickersHardnessChen,
  vickers_tian: vickersHardnessTian,
} as const;

/**
 * What follows from G and K of an isotropic solid, computed for each member and only then averaged: so the errors of G
 * and K, which go together, are carried over as they are. Undefined where a member predicts no stable solid; a property
 * alone is undefined where it has no meaning: Chen's fit ends where its hardness is negative.
 */
export function derivedProperties(members: readonly Moduli[]): DerivedProperties | undefined {
  if (members.some(({ bulk, shear }) => !(bulk > 0 && shear > 0))) return undefined;
  const estimates = Object.entries(DERIVED).map(([name, derive]) => [name, estimateOf(members.map(derive))] as const);
  const all = Object.fromEntries(estimates) as Record<DerivedName, Estimate>;
  return { ...all, vickers_chen: all.vickers_chen.mean >= 0 ? all.vickers_chen : undefined };
}

export function tendency({ pugh_ratio }: DerivedProperties): 'brittle' | 'ductile' {
  return pugh_ratio.mean > PUGH_LIMIT ? 'ductile' : 'brittle';
}

export function estimateOf(values: readonly number[]): Estimate {
  const moments = momentsOf(values);
  return { mean: moments.mean, stdev: standardDeviation(moments) };
}
