import { type Matrix3, multiply3 } from '../model/lattice.ts';

export interface ReducedBasis {
  /** Float64Array[9], row-major rows, Angstrom: the shortest three independent lattice vectors, shortest first. */
  readonly matrix: Matrix3;
  /** Int32Array[9], row-major, determinant +-1: matrix = transform x original rows. */
  readonly transform: Int32Array;
}

/**
 * A vector counts as shorter only if its squared length falls by more than this fraction. Without it two vectors of
 * equal length (every cubic cell has some) would replace each other for ever because of rounding noise of 1e-16.
 */
const SHORTENING_MIN = 1e-12;
/** Each pass shortens a vector by a factor; cells with edges up to 1e5 Angstrom need about 20 passes. */
const PASSES_MAX = 1000;

/**
 * Finds the Minkowski-reduced basis of a lattice: each vector is the shortest that completes the ones before it.
 *
 * Method: the greedy algorithm, a generalisation of Gauss' reduction that is exact in three dimensions.
 * Source: Nguyen & Stehle, ACM Trans. Algorithms 5 (2009) 46, Fig. 4; DOI 10.1145/1597036.1597050.
 * Shapes: `matrix` number[9], row-major rows a, b, c, Angstrom.
 * Returns: the reduced rows (Angstrom) and the integer transform from the original ones.
 * Ensures: |a| <= |b| <= |c|; |a.b| <= a.a/2; c is no longer than c + i a + j b for i, j in {-1, 0, 1}.
 * Known value: rows (1,0,0), (7,1,0), (5,9,1) reduce to three unit vectors.
 */
export function reduceLattice(matrix: ArrayLike<number>): ReducedBasis {
  const m = Float64Array.from(matrix);
  const t = Int32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    sortByLength(m, t);
    const shortened = reducePair(m, t) || reduceThird(m, t);
    // Sums of products lose digits if the transform is large, so compute the rows again from the exact integers.
    if (!shortened) return { matrix: multiply3(t, matrix), transform: t };
    m.set(multiply3(t, matrix));
  }
  return { matrix: multiply3(t, matrix), transform: t };
}

function dot(m: Float64Array, i: number, j: number): number {
  return m[3 * i]! * m[3 * j]! + m[3 * i + 1]! * m[3 * j + 1]! + m[3 * i + 2]! * m[3 * j + 2]!;
}

function swapRows(rows: Float64Array | Int32Array, i: number, j: number): void {
  for (let k = 0; k < 3; k++) {
    const kept = rows[3 * i + k]!;
    rows[3 * i + k] = rows[3 * j + k]!;
    rows[3 * j + k] = kept;
  }
}

function sortByLength(m: Float64Array, t: Int32Array): void {
  for (const [i, j] of [
    [0, 1],
    [1, 2],
    [0, 1],
  ] as const) {
    if (dot(m, j, j) < dot(m, i, i) * (1 - SHORTENING_MIN)) {
      swapRows(m, i, j);
      swapRows(t, i, j);
    }
  }
}

/** Subtracts p a + q b from row `row`; true if that made the row shorter. */
function subtract(m: Float64Array, t: Int32Array, row: number, p: number, q: number): boolean {
  if (p === 0 && q === 0) return false;
  const x = m[3 * row]! - p * m[0]! - q * m[3]!;
  const y = m[3 * row + 1]! - p * m[1]! - q * m[4]!;
  const z = m[3 * row + 2]! - p * m[2]! - q * m[5]!;
  if (!(x * x + y * y + z * z < dot(m, row, row) * (1 - SHORTENING_MIN))) return false;
  for (let k = 0; k < 3; k++) t[3 * row + k] = t[3 * row + k]! - p * t[k]! - q * t[3 + k]!;
  return true;
}

/** Gauss' step on the two shortest vectors. */
function reducePair(m: Float64Array, t: Int32Array): boolean {
  return subtract(m, t, 1, Math.round(dot(m, 0, 1) / dot(m, 0, 0)), 0);
}

/**
 * Subtracts from c the lattice vector of the plane (a, b) nearest to c: the rounded projection or a neighbour of it.
 */
function reduceThird(m: Float64Array, t: Int32Array): boolean {
  const [aa, ab, bb, ac, bc] = [dot(m, 0, 0), dot(m, 0, 1), dot(m, 1, 1), dot(m, 0, 2), dot(m, 1, 2)];
  const d = aa * bb - ab * ab;
  const p0 = Math.floor((ac * bb - bc * ab) / d);
  const q0 = Math.floor((bc * aa - ac * ab) / d);
  let [best, bestP, bestQ] = [Number.POSITIVE_INFINITY, 0, 0];
  for (let p = p0 - 1; p <= p0 + 2; p++) {
    for (let q = q0 - 1; q <= q0 + 2; q++) {
      // |c - p a - q b|^2 minus the constant c.c
      const length2 = p * p * aa + q * q * bb + 2 * p * q * ab - 2 * p * ac - 2 * q * bc;
      if (length2 < best) [best, bestP, bestQ] = [length2, p, q];
    }
  }
  return subtract(m, t, 2, bestP, bestQ);
}
