import type { Moduli } from './averages.ts';

/**
 * Young's modulus of an isotropic solid.
 *
 * Equation: E = 9 K G / (3 K + G).
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VIII (ISBN 978-0-19-851165-6).
 * Units: GPa. pymatgen's `y_mod` is the same quantity in Pa.
 * Errors: NaN if 3 K + G = 0.
 * Known value: K = 212.682333, G = 187.246501 gives 434.289382.
 */
export function youngModulus({ bulk, shear }: Moduli): number {
  return (9 * bulk * shear) / (3 * bulk + shear);
}

/**
 * Poisson's ratio of an isotropic solid.
 *
 * Equation: nu = (3 K - 2 G) / (6 K + 2 G).
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VIII (ISBN 978-0-19-851165-6).
 * Units: none; between -1 and 1/2 for a stable solid. pymatgen's `homogeneous_poisson` is the same quantity.
 * Errors: NaN if 3 K + G = 0.
 * Known value: 3 K = 2 G gives 0, G = 0 gives 1/2.
 */
export function poissonRatio({ bulk, shear }: Moduli): number {
  return (3 * bulk - 2 * shear) / (6 * bulk + 2 * shear);
}

/** The limit of Pugh's ratio K / G: metals above it tend to be ductile, metals below it brittle. */
export const PUGH_LIMIT = 1.75;

/**
 * Pugh's ratio, bulk over shear modulus. Metals tend to be ductile above 1.75 and brittle below it.
 *
 * Equation: K / G (some authors print its inverse, with the limit at 0.57).
 * Source: S. F. Pugh, Philos. Mag. 45, 823 (1954), DOI 10.1080/14786440808520496.
 * Units: none.
 * Errors: Infinity if G = 0.
 * Known value: K = 442.3, G = 535.5 (diamond) gives 0.826.
 */
export function pughRatio({ bulk, shear }: Moduli): number {
  return bulk / shear;
}

/**
 * The universal elastic anisotropy index: 0 for an isotropic crystal, larger for more anisotropic ones.
 *
 * Equation: A^U = 5 G_Voigt / G_Reuss + K_Voigt / K_Reuss - 6.
 * Source: Ranganathan and Ostoja-Starzewski, Phys. Rev. Lett. 101, 055504 (2008), eq. 9,
 *   DOI 10.1103/PhysRevLett.101.055504.
 * Units: none.
 * Errors: NaN if an average is NaN; for a stable tensor it is never negative, except by rounding.
 * Known value: cubic C11 = 383.887, C12 = 127.080, C44 = 241.122 gives 0.492445.
 */
export function universalAnisotropy(voigt: Moduli, reuss: Moduli): number {
  return (5 * voigt.shear) / reuss.shear + voigt.bulk / reuss.bulk - 6;
}
