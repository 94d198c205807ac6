import { createLattice, determinant3, inverse3, type Matrix3, multiply3 } from '../model/lattice.ts';
import { createStructure, type Structure } from '../model/structure.ts';
import { symmetricEigen } from './elasticity/symmetric-eigen.ts';
import { reduceLattice } from './lattice-reduction.ts';
import { pointGroup, type Rotation } from './point-group.ts';
import { primitiveCell } from './primitivity.ts';
import { SiteMatcher } from './site-matcher.ts';
import { StepBudget } from './step-budget.ts';

/** One symmetry operation of a crystal, but for its translation. */
export interface CellOperation {
  /** Float64Array[9], row-major, orthogonal: x' = R x in Cartesian axes. */
  readonly rotation: Matrix3;
  /** number[9], row-major integers: it maps the fractional row vector x to x.W. */
  readonly fractional: Rotation;
  /** Int32Array[n]: the site to which it moves each site. */
  readonly image: Int32Array;
}

export interface SymmetrizedCell {
  /** A right-handed primitive cell in the axes of the crystal given. */
  readonly structure: Structure;
  /** One for each rotation of the point group. */
  readonly operations: readonly CellOperation[];
}

/**
 * A primitive cell that has its symmetry to all digits, and its operations.
 *
 * Equation: G = mean W B B^T W^T, F = (B^-1 G B^-T)^(1/2), B' = B F; x' = x + mean over operations of (x W + t - x).
 * Method: metric and sites are averaged over the operations that hold within the tolerance. The basis is the dual of the
 *   Minkowski-reduced reciprocal one, so that meshes of points have as few as possible.
 * Source: R. W. Grosse-Kunstleve and P. D. Adams, Acta Cryst. A58, 60 (2002), DOI 10.1107/S0108767301016658.
 * Shapes: `structure` may be any cell of the crystal; tolerance in Angstrom.
 * Ensures: sites off by less than the tolerance become exact; the axes of the tensor stay those of the crystal given.
 * Errors: RejectedInput `too_costly` if a budget of `pointGroup` is exceeded.
 * Known value: NaCl with sites off by 0.005 Angstrom gives 2 sites, 48 operations, and sites half a diagonal apart.
 */
export function symmetrizedCell(structure: Structure, symprecAngstrom: number): SymmetrizedCell {
  const primitive = primitiveCell(structure, symprecAngstrom);
  const rotations = pointGroup(primitive, symprecAngstrom);
  const matcher = new SiteMatcher(primitive, symprecAngstrom, true, new StepBudget(primitive.atomicNumbers.length));
  const placed = rotations.map((rotation) => ({ rotation, ...bestPlacement(matcher, rotation) }));
  const { toDual, toReduced, hand } = dualBasis(matcher.basis);
  const exact = symmetricBasis(matcher.basis, rotations);
  const matrix = multiply3(toDual, exact).map((value) => hand * value);
  const inverse = inverse3(matrix);
  const coords = meanCoords(matcher, placed);
  const fractional = new Float64Array(coords.length);
  for (let at = 0; at < coords.length; at += 3) {
    for (let k = 0; k < 3; k++) {
      for (let j = 0; j < 3; j++) fractional[at + k]! += hand * coords[at + j]! * toReduced[3 * j + k]!;
    }
  }
  const operations = placed.map(({ rotation, image }): CellOperation => {
    const turned = multiply3(multiply3(toDual, rotation), toReduced).map(Math.round);
    const cartesian = transposed(multiply3(multiply3(inverse, turned), matrix));
    return { rotation: cartesian, fractional: Array.from(turned), image };
  });
  return { structure: createStructure(createLattice(matrix), matcher.atomicNumbers, fractional), operations };
}

interface Placement {
  readonly image: Int32Array;
  readonly translation: Float64Array;
}

/** The translation with which a rotation maps the crystal onto itself best. */
function bestPlacement(matcher: SiteMatcher, rotation: Rotation): Placement {
  let best: (Placement & { readonly misfit: number }) | undefined;
  for (let target = 0; target < matcher.rareCount; target++) {
    const misfit = matcher.misfit(rotation, 0, target);
    if (misfit >= (best?.misfit ?? Number.POSITIVE_INFINITY)) continue;
    best = { misfit, image: matcher.image.slice(), translation: matcher.translation.slice() };
  }
  if (best === undefined) throw new Error('unreachable: the point group holds only rotations that have a translation');
  return best;
}

/** Integer matrices between a basis and the dual of its reduced reciprocal basis, and -1 where that is left-handed. */
function dualBasis(basis: Matrix3): { toDual: Matrix3; toReduced: Matrix3; hand: 1 | -1 } {
  const { transform } = reduceLattice(transposed(inverse3(basis)));
  const toReduced = transposed(transform);
  const toDual = inverse3(toReduced).map(Math.round);
  return { toDual, toReduced, hand: determinant3(multiply3(toDual, basis)) > 0 ? 1 : -1 };
}

function symmetricBasis(basis: Matrix3, rotations: readonly Rotation[]): Matrix3 {
  const metric = multiply3(basis, transposed(basis));
  const mean = new Float64Array(9);
  for (const rotation of rotations) {
    const turned = multiply3(multiply3(rotation, metric), transposed(rotation));
    for (let i = 0; i < 9; i++) mean[i]! += turned[i]! / rotations.length;
  }
  const inverse = inverse3(basis);
  const square = multiply3(multiply3(inverse, mean), transposed(inverse));
  // Rounding leaves it not quite symmetric.
  const { values, vectors } = symmetricEigen(sumOf(square, transposed(square)), 3);
  const stretch = new Float64Array(9);
  for (let e = 0; e < 3; e++) {
    for (let i = 0; i < 9; i++) {
      stretch[i]! += Math.sqrt(values[e]! / 2) * vectors[3 * e + Math.floor(i / 3)]! * vectors[3 * e + (i % 3)]!;
    }
  }
  return multiply3(basis, stretch);
}

function meanCoords({ frac }: SiteMatcher, placed: readonly (Placement & { rotation: Rotation })[]): Float64Array {
  const coords = frac.slice();
  for (const { rotation, image, translation } of placed) {
    image.forEach((to, from) => {
      for (let k = 0; k < 3; k++) {
        let moved = translation[k]! - frac[3 * to + k]!;
        for (let j = 0; j < 3; j++) moved += frac[3 * from + j]! * rotation[3 * j + k]!;
        coords[3 * to + k]! += (moved - Math.round(moved)) / placed.length;
      }
    });
  }
  return coords;
}

function sumOf(a: Matrix3, b: Matrix3): Matrix3 {
  return a.map((value, i) => value + b[i]!);
}

function transposed(m: ArrayLike<number>): Matrix3 {
  return Float64Array.of(m[0]!, m[3]!, m[6]!, m[1]!, m[4]!, m[7]!, m[2]!, m[5]!, m[8]!);
}
