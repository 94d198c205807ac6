import { faceDistances, inverse3 } from '../model/lattice.ts';
import type { Structure } from '../model/structure.ts';
import { reduceLattice } from './lattice-reduction.ts';

/**
 * The thickest empty slab of a crystal: the widest gap between atoms along the normal of a face of its reduced cell.
 *
 * Method: in the Minkowski-reduced basis, sort the sites' fractional coordinates along each axis; the widest difference,
 *   across the cell's boundary too, times the distance between the faces.
 * Source: as in pymatgen's `center_slab` and ASE's `vacuum`; the reduced basis makes it independent of the cell chosen,
 *   but for cells in which several bases are equally short.
 * Shapes: `structure` may be any cell of the crystal.
 * Returns: Angstrom, between the centres of atoms.
 * Errors: none.
 * Known value: graphite with layers 3.35 Angstrom apart gives 3.35, graphene in a box of 15 Angstrom gives 15.
 */
export function vacuumGap({ lattice, atomicNumbers, fracCoords }: Structure): number {
  const { matrix, transform } = reduceLattice(lattice.matrix);
  const toReduced = inverse3(transform).map(Math.round);
  const heights = faceDistances(inverse3(matrix));
  let widest = 0;
  for (let axis = 0; axis < 3; axis++) {
    const along = Float64Array.from(atomicNumbers, (_, i) => {
      const value = [0, 1, 2].reduce((sum, k) => sum + fracCoords[3 * i + k]! * toReduced[3 * k + axis]!, 0);
      return value - Math.floor(value);
    }).sort();
    const wrap = along[0]! + 1 - along.at(-1)!;
    const gap = along.reduce((most, value, i) => (i === 0 ? most : Math.max(most, value - along[i - 1]!)), wrap);
    widest = Math.max(widest, gap * heights[axis]!);
  }
  return widest;
}
