import { ZERO_EIGENVALUE_RELATIVE } from './stability.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Elastic moduli of an isotropic polycrystal, GPa. */
export interface Moduli {
  readonly bulk: number;
  readonly shear: number;
}

/**
 * The compliance matrix, the inverse of the stiffness.
 *
 * Equation: S = C^-1 = sum_i v_i v_i^T / lambda_i.
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VIII (ISBN 978-0-19-851165-6).
 * Shapes: `stiffness: Float64Array[36]`, Voigt order, symmetric; returns Float64Array[36].
 * Units: GPa to 1/GPa.
 * Errors: every entry is NaN if the stiffness is singular (an eigenvalue is zero within rounding).
 * Known value: cubic, S44 = 1 / C44 and S11 - S12 = 1 / (C11 - C12).
 */
export function compliance(stiffness: ArrayLike<number>): Float64Array {
  const { values, vectors } = symmetricEigen(stiffness, 6);
  const sizes = values.map(Math.abs);
  const inverse = new Float64Array(36);
  if (!(Math.min(...sizes) > ZERO_EIGENVALUE_RELATIVE * Math.max(...sizes))) return inverse.fill(Number.NaN);
  for (let e = 0; e < 6; e++) {
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) inverse[6 * i + j]! += (vectors[6 * e + i]! * vectors[6 * e + j]!) / values[e]!;
    }
  }
  return inverse;
}

/**
 * Voigt's averages, which assume uniform strain: upper bounds of the moduli.
 *
 * Equation: K = [C11 + C22 + C33 + 2 (C12 + C23 + C31)] / 9,
 *   G = [C11 + C22 + C33 - (C12 + C23 + C31) + 3 (C44 + C55 + C66)] / 15.
 * Source: R. Hill, Proc. Phys. Soc. A 65, 349 (1952), DOI 10.1088/0370-1298/65/5/307.
 * Shapes: `stiffness: Float64Array[36]`, Voigt order.
 * Units: GPa.
 * Errors: none; defined for every tensor.
 * Known value: cubic C11 = 383.887, C12 = 127.080, C44 = 241.122 gives K = 212.682333, G = 196.0346.
 */
export function voigtAverages(stiffness: ArrayLike<number>): Moduli {
  const { axial, mixed, shear } = invariantSums(stiffness);
  return { bulk: (axial + 2 * mixed) / 9, shear: (axial - mixed + 3 * shear) / 15 };
}

/**
 * Reuss's averages, which assume uniform stress: lower bounds of the moduli if the tensor is stable.
 *
 * Equation: 1 / K = S11 + S22 + S33 + 2 (S12 + S23 + S31),
 *   15 / G = 4 (S11 + S22 + S33) - 4 (S12 + S23 + S31) + 3 (S44 + S55 + S66).
 * Source: R. Hill, Proc. Phys. Soc. A 65, 349 (1952), DOI 10.1088/0370-1298/65/5/307.
 * Shapes: `complianceMatrix: Float64Array[36]`, Voigt order.
 * Units: 1/GPa to GPa.
 * Errors: NaN where the compliance is NaN; meaningless, and no bound, if the tensor is not positive definite.
 * Known value: cubic C11 = 383.887, C12 = 127.080, C44 = 241.122 gives K = 212.682333, G = 178.458402.
 */
export function reussAverages(complianceMatrix: ArrayLike<number>): Moduli {
  const { axial, mixed, shear } = invariantSums(complianceMatrix);
  return { bulk: 1 / (axial + 2 * mixed), shear: 15 / (4 * axial - 4 * mixed + 3 * shear) };
}

/**
 * Hill's averages ("VRH"): the arithmetic means of Voigt's and Reuss's averages.
 *
 * Equation: M = (M_Voigt + M_Reuss) / 2.
 * Source: R. Hill, Proc. Phys. Soc. A 65, 349 (1952), DOI 10.1088/0370-1298/65/5/307.
 * Units: GPa.
 * Errors: NaN where one of the two is NaN.
 * Known value: 2 and 4 give 3.
 */
export function hillAverages(voigt: Moduli, reuss: Moduli): Moduli {
  return { bulk: (voigt.bulk + reuss.bulk) / 2, shear: (voigt.shear + reuss.shear) / 2 };
}

function invariantSums(m: ArrayLike<number>): { axial: number; mixed: number; shear: number } {
  return {
    axial: m[0]! + m[7]! + m[14]!,
    mixed: m[1]! + m[8]! + m[2]!,
    shear: m[21]! + m[28]! + m[35]!,
  };
}
