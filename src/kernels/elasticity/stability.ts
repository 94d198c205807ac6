import { symmetricEigen } from './symmetric-eigen.ts';

/**
 * An eigenvalue with a smaller absolute value than this fraction of the largest one counts as zero. Jacobi's error is
 * 1e-15 relative to the largest eigenvalue, and no published tensor has more than ten digits.
 */
export const ZERO_EIGENVALUE_RELATIVE = 1e-12;

export interface Stability {
  /** Whether the tensor is positive definite: every small strain costs energy. */
  readonly stable: boolean;
  /** Float64Array[6], eigenvalues of the Voigt matrix, ascending, GPa. */
  readonly eigenvalues: Float64Array;
  /** Float64Array[6], the softest strain (Voigt order, unit length): the eigenvector of the smallest eigenvalue. */
  readonly softestStrain: Float64Array;
  /** The order, 1 to 6, of the first leading principal minor that is not positive; absent if the tensor is stable. */
  readonly violatedMinor?: number;
}

/**
 * Born's stability criterion for an unstressed crystal; it holds for every crystal system.
 *
 * Equation: C is positive definite; equivalently all six eigenvalues, and all six leading principal minors
 *   (the determinants of the upper left k x k blocks), are positive.
 * Source: Mouhat and Coudert, Phys. Rev. B 90, 224104 (2014), section II, DOI 10.1103/PhysRevB.90.224104.
 * Shapes: `stiffness: Float64Array[36]`, Voigt order, symmetric.
 * Units: GPa.
 * Errors: none thrown; an eigenvalue within ZERO_EIGENVALUE_RELATIVE of zero counts as not positive.
 *   The eigenvalues depend on the axes, because Voigt's matrix is not a tensor; the number of positive ones does
 *   not.
 * Known value: cubic C11 = 383.887, C12 = 127.080, C44 = 241.122 has C11 - C12 = 256.807 twice, C44 three times
 *   and C11 + 2 C12 = 638.047, and is stable.
 */
export function bornStability(stiffness: ArrayLike<number>): Stability {
  const { values, vectors } = symmetricEigen(stiffness, 6);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values[5]!));
  const stable = values[0]! > ZERO_EIGENVALUE_RELATIVE * largest;
  const result = { stable, eigenvalues: values, softestStrain: vectors.subarray(0, 6) };
  return stable ? result : { ...result, violatedMinor: violatedMinor(stiffness, ZERO_EIGENVALUE_RELATIVE * largest) };
}

/** Gaussian elimination: pivot k is the ratio of minors k and k - 1, so the first failing pivot gives the order. */
function violatedMinor(stiffness: ArrayLike<number>, zero: number): number {
  const a = Float64Array.from(stiffness);
  for (let k = 0; k < 5; k++) {
    const pivot = a[7 * k]!;
    if (!(pivot > zero)) return k + 1;
    for (let i = k + 1; i < 6; i++) {
      const factor = a[6 * i + k]! / pivot;
      for (let j = k; j < 6; j++) a[6 * i + j]! -= factor * a[6 * k + j]!;
    }
  }
  return 6;
}
