import { determinant3, inverse3, type Matrix3, multiply3 } from '../../model/lattice.ts';

/**
 * The strain that a deformation gradient leaves when its rotation is taken away.
 *
 * Equation: E = (F^T F - 1) / 2.
 * Source: E. B. Tadmor, R. E. Miller, R. S. Elliott, Continuum Mechanics and Thermodynamics (2012), eq. 3.23
 *   (ISBN 978-1-107-00826-7).
 * Shapes: `gradient: Float64Array[9]`, row-major, x' = F x; returns Float64Array[9], symmetric.
 * Units: none.
 * Errors: none.
 * Known value: F = diag(sqrt(1.02), 1, 1) gives E = diag(0.01, 0, 0); a rotation gives 0.
 */
export function greenLagrangeStrain(gradient: ArrayLike<number>): Matrix3 {
  const strain = multiply3(transposed(gradient), gradient);
  for (let i = 0; i < 9; i++) strain[i] = (strain[i]! - (i % 4 === 0 ? 1 : 0)) / 2;
  return strain;
}

/**
 * The stress that is work-conjugate to the Green-Lagrange strain: Cauchy's, drawn back to the undeformed cell.
 *
 * Equation: S = J F^-1 sigma F^-T, J = det F.
 * Source: E. B. Tadmor, R. E. Miller, R. S. Elliott, Continuum Mechanics and Thermodynamics (2012), eq. 4.41
 *   (ISBN 978-1-107-00826-7).
 * Shapes: both Float64Array[9], row-major; `cauchy` symmetric.
 * Units: the unit of the stress.
 * Requires: F invertible.
 * Errors: none.
 * Known value: sigma = p 1 and F = f 1 give S = p f 1.
 */
export function secondPiolaKirchhoff(cauchy: ArrayLike<number>, gradient: ArrayLike<number>): Matrix3 {
  const inverse = inverse3(gradient);
  const jacobian = determinant3(gradient);
  return multiply3(multiply3(inverse, cauchy), transposed(inverse)).map((value) => jacobian * value);
}

/**
 * The upper triangular deformation gradient with a given strain and a positive diagonal: the deformation without the
 * rotation that only its own convention would tell.
 *
 * Equation: F^T F = 2 E + 1, Cholesky's factor.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed. (2013), section 4.2 (ISBN 978-1-4214-0794-4).
 * Shapes: `strain: Float64Array[9]`, row-major, symmetric; returns Float64Array[9].
 * Units: none.
 * Errors: NaN if 2 E + 1 is not positive definite, which no deformation leaves.
 * Known value: E with Exy = 0.005 alone gives Fxy = 0.01, Fyy = sqrt(0.9999), and 1, 0 elsewhere.
 */
export function upperGradient(strain: ArrayLike<number>): Matrix3 {
  const metric = Float64Array.from(strain, (value, i) => 2 * value + (i % 4 === 0 ? 1 : 0));
  const f = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = i; j < 3; j++) {
      let rest = metric[3 * i + j]!;
      for (let k = 0; k < i; k++) rest -= f[3 * k + i]! * f[3 * k + j]!;
      f[3 * i + j] = i === j ? Math.sqrt(rest) : rest / f[4 * i]!;
    }
  }
  return f;
}

/**
 * A second-order tensor in axes turned by an orthogonal matrix.
 *
 * Equation: T' = R T R^T.
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter I (ISBN 978-0-19-851165-6).
 * Shapes: both Float64Array[9], row-major; R proper or improper.
 * Units: those of the tensor.
 * Errors: none.
 * Known value: diag(1, 2, 3) turned by 90 degrees about z is diag(2, 1, 3).
 */
export function turned(tensor: ArrayLike<number>, rotation: ArrayLike<number>): Matrix3 {
  return multiply3(multiply3(rotation, tensor), transposed(rotation));
}

function transposed(m: ArrayLike<number>): Matrix3 {
  return Float64Array.of(m[0]!, m[3]!, m[6]!, m[1]!, m[4]!, m[7]!, m[2]!, m[5]!, m[8]!);
}
