import { symmetricEigen } from '../elasticity/symmetric-eigen.ts';

/** The stiffness of a crystal whose atoms are held by central springs and follow the strain. */
export interface SpringStiffness {
  readonly bulk: number;
  readonly shearVoigt: number;
  readonly bulkReuss: number;
  readonly shearReuss: number;
  /** Of the 6 x 6 matrix. */
  readonly lowestEigenvalue: number;
  readonly highestEigenvalue: number;
}

/** Keeps the inverse finite where springs resist no shear. */
const REGULARIZATION = 1e-9;

/**
 * The moduli of a network of springs from the sums of its pairs.
 *
 * Equation: C = sum over pairs of k d^2 n n n n / 2V (each pair counted from both ends), in the order xx, yy, zz, yz, xz,
 *   xy; K = sum of C11..C33 / 9; G_Voigt as Voigt's; K_Reuss and G_Reuss as Reuss's, of (C + 1e-9)^-1.
 * Source: M. Born, K. Huang, Dynamical Theory of Crystal Lattices (1954), section 11 (affine part for central forces);
 *   averages: R. Hill, Proc. Phys. Soc. A 65, 349 (1952), DOI 10.1088/0370-1298/65/5/307.
 * Shapes: `c` Float64Array[36], row-major, symmetric.
 * Units: those of `c`.
 * Errors: none.
 * Known value: central forces obey Cauchy's relations; for springs along x, y and z of equal strength C is
 *   diag(1, 1, 1, 0, 0, 0), K = 1/3 and G_Voigt = 1/5.
 */
export function springModuli(c: Float64Array): SpringStiffness {
  const at = (i: number, j: number) => c[6 * i + j]!;
  const axial = at(0, 0) + at(1, 1) + at(2, 2);
  const mixed = at(0, 1) + at(0, 2) + at(1, 2);
  const shear = at(3, 3) + at(4, 4) + at(5, 5);
  const { values, vectors } = symmetricEigen(c, 6);
  let [axialS, mixedS, shearS] = [0, 0, 0];
  for (let e = 0; e < 6; e++) {
    const v = vectors.subarray(6 * e, 6 * e + 6);
    const compliance = 1 / (values[e]! + REGULARIZATION);
    axialS += compliance * (v[0]! * v[0]! + v[1]! * v[1]! + v[2]! * v[2]!);
    mixedS += compliance * (v[0]! * v[1]! + v[0]! * v[2]! + v[1]! * v[2]!);
    shearS += compliance * (v[3]! * v[3]! + v[4]! * v[4]! + v[5]! * v[5]!);
  }
  return {
    bulk: (axial + 2 * mixed) / 9,
    shearVoigt: (axial - mixed + 3 * shear) / 15,
    bulkReuss: 1 / (axialS + 2 * mixedS),
    shearReuss: 15 / (4 * axialS - 4 * mixedS + 3 * shearS),
    lowestEigenvalue: values[0]!,
    highestEigenvalue: values[5]!,
  };
}
