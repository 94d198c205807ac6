import type { Matrix3 } from '../../model/lattice.ts';
import type { CellOperation } from '../symmetrized-cell.ts';
import { turned } from './finite-strain.ts';
import { strainVector } from './strain-states.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Where Voigt's XX YY ZZ YZ ZX XY stand in a 3 x 3 matrix. */
const VOIGT_PLACES = [
  [0, 0],
  [4, 4],
  [8, 8],
  [5, 7],
  [2, 6],
  [1, 3],
] as const;
const AXES = [0, 1, 2, 3, 4, 5] as const;
/** Images of a strain whose components differ by less than this part of it are one. */
const SAME_RELATIVE = 1e-6;

/**
 * Strains of single axes, from which a crystal's symmetry makes strains that determine its tensor.
 *
 * Method: an axis is left out if it adds no dimension to the span of the whole orbits of those before it, and a strain
 *   if it is an image of one before it. Order: axes as Voigt's, amplitudes as given.
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VIII (ISBN 978-0-19-851165-6).
 * Shapes: `amplitudesOf` an axis in Voigt's order, tensor components of either sign; returns Float64Array[9] each, row-major, symmetric.
 * Units: none.
 * Errors: none.
 * Known value: with two amplitudes of either sign a cube needs 3 strains, a hexagonal metal 5, a triclinic crystal 12.
 */
export function representativeStrains(
  rotations: readonly Matrix3[],
  amplitudesOf: (axis: number) => readonly number[],
): Matrix3[] {
  const chosen: Matrix3[] = [];
  const spanned: Matrix3[] = [];
  for (const axis of AXES) {
    const orbit = rotations.map((rotation) => turned(axisStrain(axis, 1), rotation));
    if (rank([...spanned, ...orbit]) === rank(spanned)) continue;
    spanned.push(...orbit);
    const own: Matrix3[] = [];
    for (const amplitude of amplitudesOf(axis)) {
      const strain = axisStrain(axis, amplitude);
      const tolerance = SAME_RELATIVE * Math.abs(amplitude);
      const isImage = own.some((known) =>
        rotations.some((rotation) => isSame(turned(known, rotation), strain, tolerance)),
      );
      if (!isImage) own.push(strain);
    }
    chosen.push(...own);
  }
  return chosen;
}

/**
 * A strain of one axis alone.
 *
 * Equation: Exx = h for axis 0, Eyz = Ezy = h for axis 3.
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VI (ISBN 978-0-19-851165-6).
 * Shapes: returns Float64Array[9], row-major.
 * Units: none.
 * Errors: none.
 * Known value: axis 5 with 0.01 has Exy = Eyx = 0.01.
 */
export function axisStrain(axis: (typeof AXES)[number], amplitude: number): Matrix3 {
  const strain = new Float64Array(9);
  for (const place of VOIGT_PLACES[axis]) strain[place] = amplitude;
  return strain;
}

/**
 * How many coordinates of atoms a strained crystal's symmetry leaves free; with none its ions need no relaxation.
 *
 * Equation: n = 1/|G| sum_g tr R_g (fixed_g - 1), over the operations with R E R^T = E; fixed_g counts the sites that g
 *   leaves where they are, and the subtracted term is the shift of the whole crystal.
 * Source: E. P. Wigner, Group Theory (1959), chapter 9, eq. 9.26 (ISBN 978-0-12-750550-3): the number of times that the identical
 *   representation is contained in that of the displacements.
 * Shapes: `strain` Float64Array[9], row-major, symmetric.
 * Returns: a whole number.
 * Errors: none.
 * Known value: diamond has 0 under hydrostatic strain and along a cube's edge, 1 under Eyz; rocksalt 0 under all of these; the
 *   unstrained wurtzite structure 1.
 */
export function freeCoordinates(operations: readonly CellOperation[], strain: Matrix3): number {
  const tolerance = SAME_RELATIVE * Math.max(...strain.map(Math.abs));
  const kept = operations.filter(({ rotation }) => isSame(turned(strain, rotation), strain, tolerance));
  const total = kept.reduce((sum, { rotation, image }) => {
    const fixed = image.reduce((count, to, from) => count + (to === from ? 1 : 0), 0);
    return sum + (rotation[0]! + rotation[4]! + rotation[8]!) * (fixed - 1);
  }, 0);
  return Math.round(total / kept.length);
}

/** The number of dimensions that strains span. */
function rank(strains: readonly Matrix3[]): number {
  const moments = new Float64Array(36);
  for (const vector of strains.map(strainVector)) {
    for (let i = 0; i < 36; i++) moments[i]! += vector[Math.floor(i / 6)]! * vector[i % 6]!;
  }
  const { values } = symmetricEigen(moments, 6);
  return values.filter((value) => value > SAME_RELATIVE * values[5]!).length;
}

function isSame(a: Matrix3, b: Matrix3, tolerance: number): boolean {
  return a.every((value, i) => Math.abs(value - b[i]!) <= tolerance);
}
