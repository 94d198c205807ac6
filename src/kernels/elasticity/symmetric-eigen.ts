export interface SymmetricEigen {
  /** Float64Array[n], ascending, in the unit of the matrix. */
  readonly values: Float64Array;
  /** Float64Array[n * n], row-major: row i is the unit eigenvector of values[i]. */
  readonly vectors: Float64Array;
}

/** Jacobi converges quadratically: n = 6 needs 6 to 8 sweeps. If it needs this many, it does not converge at all. */
const SWEEPS_MAX = 60;
/** Below this off-diagonal weight, relative to the whole matrix, another rotation changes no digit. */
const OFF_DIAGONAL_RELATIVE = 1e-17;

/**
 * Eigenvalues and eigenvectors of a small real symmetric matrix, by cyclic Jacobi rotations.
 *
 * Equation: A = sum_i lambda_i v_i v_i^T.
 * Source: Golub and Van Loan, Matrix Computations, 4th ed. (2013), section 8.5 (ISBN 978-1-4214-0794-4).
 * Shapes: `matrix: Float64Array[n * n]`, row-major, symmetric, finite; not changed.
 * Units: eigenvalues have the unit of the matrix, vectors have none.
 * Errors: absolute error about n times the rounding error of the largest eigenvalue.
 * Known value: [[2, 1], [1, 2]] gives 1 and 3.
 */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): SymmetricEigen {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; !isDiagonal(a, n); sweep++) {
    if (sweep === SWEEPS_MAX) throw new Error(`Jacobi did not converge in ${SWEEPS_MAX} sweeps`);
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotateAway(a, v, n, p, q);
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i]! - a[j * n + j]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(v.subarray(from * n, from * n + n), to * n);
  });
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

function isDiagonal(a: Float64Array, n: number): boolean {
  let [off, all] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const size = Math.abs(a[i * n + j]!);
      all = Math.max(all, size);
      if (i !== j) off = Math.max(off, size);
    }
  }
  return off <= OFF_DIAGONAL_RELATIVE * all;
}

/** Applies one rotation in the plane (p, q) that makes a[p][q] zero; rotates the rows of v likewise. */
function rotateAway(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  // Use the smaller of the two angles: with the larger one the rotations would swap the axes for ever.
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const [vp, vq] = [v[p * n + k]!, v[q * n + k]!];
    v[p * n + k] = c * vp - s * vq;
    v[q * n + k] = s * vp + c * vq;
  }
  a[p * n + q] = 0;
  a[q * n + p] = 0;
}
