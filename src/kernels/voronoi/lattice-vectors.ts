import { inverse3 } from '../../model/lattice.ts';
import type { StepBudget } from '../step-budget.ts';

/** Lattice vectors around the origin, including the zero vector, in no particular order. */
export interface LatticeVectors {
  readonly count: number;
  /** Int32Array[3 count], row-major, in units of the basis. */
  readonly coefficients: Int32Array;
  /** Float64Array[3 count], row-major, Cartesian, Angstrom. */
  readonly cartesian: Float64Array;
  /** The largest absolute value of a coefficient. */
  readonly largest: number;
}

/** The radius is increased by this fraction, so that rounding does not lose a vector of exactly that length. */
const RADIUS_SLACK = 1e-12;

/**
 * Lists the lattice vectors no longer than a radius.
 *
 * Equation: |n_i| <= radius |g_i| for every vector n.m within the radius, where g_i are the reciprocal vectors
 * (Cauchy-Schwarz).
 * Source: Allen & Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), ch. 5; DOI 10.1093/oso/9780198803195.001.0001.
 * Shapes: `basis` Float64Array[9], row-major rows, Angstrom; preferably reduced, otherwise the searched box is
 * needlessly large.
 * Returns: coefficients and Cartesian vectors (Angstrom).
 * Errors: RejectedInput `too_costly` if the budget is exceeded: a flat or long cell has very many vectors in one
 * direction.
 * Known value: a simple cubic lattice of edge 1 has 7 vectors up to radius 1 and 19 up to sqrt(2).
 */
export function latticeVectorsWithin(basis: Float64Array, radius: number, budget?: StepBudget): LatticeVectors {
  const inverse = inverse3(basis);
  const limit = radius * (1 + RADIUS_SLACK);
  const bound = (i: number) => Math.floor(limit * Math.hypot(inverse[i]!, inverse[3 + i]!, inverse[6 + i]!));
  const [na, nb, nc] = [bound(0), bound(1), bound(2)];
  const most = 3 * (2 * na + 1) * (2 * nb + 1) * (2 * nc + 1);
  budget?.spend(most, 'cells');
  const isCommon = most <= SCRATCH;
  const coefficients = isCommon ? scratchCoefficients : new Int32Array(most);
  const cartesian = isCommon ? scratchCartesian : new Float64Array(most);
  const [cx, cy, cz, limit2] = [basis[6]!, basis[7]!, basis[8]!, limit * limit];
  let end = 0;
  for (let a = -na; a <= na; a++) {
    for (let b = -nb; b <= nb; b++) {
      const x0 = a * basis[0]! + b * basis[3]!;
      const y0 = a * basis[1]! + b * basis[4]!;
      const z0 = a * basis[2]! + b * basis[5]!;
      for (let c = -nc; c <= nc; c++) {
        const x = x0 + c * cx;
        const y = y0 + c * cy;
        const z = z0 + c * cz;
        if (x * x + y * y + z * z > limit2) continue;
        coefficients[end] = a;
        cartesian[end++] = x;
        coefficients[end] = b;
        cartesian[end++] = y;
        coefficients[end] = c;
        cartesian[end++] = z;
      }
    }
  }
  return {
    count: end / 3,
    coefficients: coefficients.slice(0, end),
    cartesian: cartesian.slice(0, end),
    largest: Math.max(na, nb, nc),
  };
}

/**
 * Scratch space that suffices for most crystals: allocating zeroed memory for all candidates costs more than a copy.
 */
const SCRATCH = 3 * 4096;
const scratchCoefficients = new Int32Array(SCRATCH);
const scratchCartesian = new Float64Array(SCRATCH);
