import { createLattice, inverse3, type Lattice } from '../model/lattice.ts';
import { createStructure, type Structure } from '../model/structure.ts';

/** Creates a structure from Cartesian positions, Angstrom, row-major. */
export function cartesianStructure(
  matrix: ArrayLike<number>,
  atomicNumbers: ArrayLike<number>,
  positions: ArrayLike<number>,
): Structure {
  const lattice = createLattice(matrix);
  return createStructure(lattice, atomicNumbers, fractionalOf(lattice, positions));
}

/** Fractional coordinates of Cartesian ones, row-major. */
export function fractionalOf(lattice: Lattice, positions: ArrayLike<number>): Float64Array {
  const inverse = inverse3(lattice.matrix);
  return Float64Array.from({ length: positions.length }, (_, i) => {
    const [row, k] = [i - (i % 3), i % 3];
    return (
      positions[row]! * inverse[k]! + positions[row + 1]! * inverse[3 + k]! + positions[row + 2]! * inverse[6 + k]!
    );
  });
}
