import type { Moduli } from './averages.ts';

/** Sound velocities of an isotropic polycrystal, m/s. */
export interface SoundVelocities {
  readonly longitudinal: number;
  readonly transverse: number;
  /** The mean velocity of Debye's model. */
  readonly mean: number;
}

/** J s, exact in the SI of 2019. */
const PLANCK = 6.62607015e-34;
/** J/K, exact in the SI of 2019. */
const BOLTZMANN = 1.380649e-23;
const PASCAL_PER_GIGAPASCAL = 1e9;
const KG_PER_M3_PER_GRAM_PER_CM3 = 1e3;
const METRE_PER_ANGSTROM = 1e-10;

/**
 * Sound velocities of an isotropic polycrystal.
 *
 * Equation: v_l = sqrt((K + 4 G / 3) / rho), v_t = sqrt(G / rho), v_m = [(2 / v_t^3 + 1 / v_l^3) / 3]^(-1/3).
 * Source: O. L. Anderson, J. Phys. Chem. Solids 24, 909 (1963), DOI 10.1016/0022-3697(63)90067-2.
 * Units: GPa and g/cm^3 in, m/s out.
 * Errors: NaN if G or K + 4 G / 3 is negative.
 * Known value: K = 212.682333, G = 187.246501 GPa, 3.169494 g/cm^3 gives 12077.80, 7686.20 and 8450.09 m/s.
 */
export function soundVelocities({ bulk, shear }: Moduli, densityGramPerCm3: number): SoundVelocities {
  const squared = (modulus: number) =>
    (modulus * PASCAL_PER_GIGAPASCAL) / (densityGramPerCm3 * KG_PER_M3_PER_GRAM_PER_CM3);
  const longitudinal = Math.sqrt(squared(bulk + (4 / 3) * shear));
  const transverse = Math.sqrt(squared(shear));
  return { longitudinal, transverse, mean: Math.cbrt(3 / (2 / transverse ** 3 + 1 / longitudinal ** 3)) };
}

/**
 * The Debye temperature from the mean sound velocity.
 *
 * Equation: Theta = (h / k_B) (3 n / (4 pi))^(1/3) v_m, with n the number of atoms per volume.
 * Source: O. L. Anderson, J. Phys. Chem. Solids 24, 909 (1963), DOI 10.1016/0022-3697(63)90067-2.
 *   pymatgen's hbar / k_B v_m (6 pi^2 n)^(1/3) is the same formula.
 * Units: m/s and atoms per Angstrom^3 in, K out.
 * Errors: NaN if the velocity is NaN.
 * Known value: 8450.09 m/s and 0.0952067 atoms per Angstrom^3 give 1148.75 K.
 */
export function debyeTemperature(meanVelocity: number, atomsPerCubicAngstrom: number): number {
  const wavenumber = Math.cbrt((3 * atomsPerCubicAngstrom) / (4 * Math.PI)) / METRE_PER_ANGSTROM;
  return (PLANCK / BOLTZMANN) * wavenumber * meanVelocity;
}
