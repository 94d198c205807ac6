import { determinant3, inverse3, type Matrix3, multiply3 } from '../../model/lattice.ts';
import type { Structure } from '../../model/structure.ts';
import { reduceLattice } from '../lattice-reduction.ts';
import { pointGroup } from '../point-group.ts';
import { primitiveCell } from '../primitivity.ts';

/** Newton's iteration doubles the digits; lattices that fit a symmetry within a tenth of an Angstrom need 4. */
const POLAR_STEPS = 8;

/**
 * The rotations, proper and improper, of a crystal's point group as orthogonal matrices in Cartesian axes, the one
 * nearest to the identity first.
 *
 * Method: R = B^T W^T B^-T for each integer matrix W in the reduced basis B, made orthogonal by its polar factor. Order:
 *   trace descending, then those that are their own inverse, proper before improper, then by entries.
 * Source: N. J. Higham, SIAM J. Sci. Stat. Comput. 7, 1160 (1986), DOI 10.1137/0907079 (polar factor).
 * Shapes: `structure` may be any cell of the crystal; returns Float64Array[9] each, row-major, x' = R x.
 * Units: tolerance in Angstrom.
 * Ensures: a group, whose first member is the identity; rotations of a turned crystal are the turned rotations.
 * Errors: RejectedInput `too_costly` if a budget of `pointGroup` is exceeded.
 * Known value: zincblende has 24, a mirror that swaps two axes comes before every 3-fold rotation.
 */
export function cartesianRotations(structure: Structure, symprecAngstrom: number): readonly Matrix3[] {
  const primitive = primitiveCell(structure, symprecAngstrom);
  const basis = reduceLattice(primitive.lattice.matrix).matrix;
  const inverse = inverse3(basis);
  const found = pointGroup(primitive, symprecAngstrom).map((rotation) =>
    orthogonal(transpose(multiply3(multiply3(inverse, rotation), basis))),
  );
  return found.sort(byNearness);
}

function transpose(m: Matrix3): Matrix3 {
  return Float64Array.of(m[0]!, m[3]!, m[6]!, m[1]!, m[4]!, m[7]!, m[2]!, m[5]!, m[8]!);
}

function orthogonal(m: Matrix3): Matrix3 {
  let r = m;
  for (let step = 0; step < POLAR_STEPS; step++) {
    const other = transpose(inverse3(r));
    r = r.map((value, i) => (value + other[i]!) / 2);
  }
  return r;
}

function byNearness(a: Matrix3, b: Matrix3): number {
  const trace = (m: Matrix3) => Math.round(m[0]! + m[4]! + m[8]!);
  if (trace(a) !== trace(b)) return trace(b) - trace(a);
  // A strain and its opposite are then reached alike, by a mirror or a 2-fold axis where there is one.
  const asymmetry = (m: Matrix3) => Math.round(1e6 * Math.hypot(m[1]! - m[3]!, m[2]! - m[6]!, m[5]! - m[7]!));
  if (asymmetry(a) !== asymmetry(b)) return asymmetry(a) - asymmetry(b);
  const sense = Math.sign(determinant3(b)) - Math.sign(determinant3(a));
  if (sense !== 0) return sense;
  // Rounded: the digits of rounding errors must not decide.
  const digits = (m: Matrix3, i: number) => Math.round(1e6 * m[i]!);
  for (let i = 0; i < 9; i++) if (digits(a, i) !== digits(b, i)) return digits(b, i) - digits(a, i);
  return 0;
}
