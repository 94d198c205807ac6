import { elementSymbol } from '../model/element-symbols.ts';
import { createLattice, determinant3 } from '../model/lattice.ts';
import { createStructure, type Structure } from '../model/structure.ts';

/** A structure as formats write it. Numbers are written with all digits, so that they are read as they were. */
export interface WrittenSites {
  /** The lattice vectors, Angstrom. */
  readonly vectors: readonly (readonly number[])[];
  readonly sites: readonly { readonly symbol: string; readonly abc: readonly number[] }[];
}

export function writtenSites({ lattice, atomicNumbers, fracCoords }: Structure): WrittenSites {
  return {
    vectors: [0, 3, 6].map((i) => Array.from(lattice.matrix.slice(i, i + 3))),
    sites: Array.from(atomicNumbers, (z, i) => ({
      symbol: elementSymbol(z),
      abc: Array.from(fracCoords.slice(3 * i, 3 * i + 3)),
    })),
  };
}

/**
 * The same crystal in a right-handed cell: VASP refuses others, and a CIF would show the mirror image. The first two
 * vectors change places where they must.
 */
export function rightHanded(structure: Structure): Structure {
  const { lattice, atomicNumbers, fracCoords } = structure;
  if (determinant3(lattice.matrix) > 0) return structure;
  const [a, b, c] = [0, 3, 6].map((i) => Array.from(lattice.matrix.slice(i, i + 3))) as [number[], number[], number[]];
  const swapped = Float64Array.from(fracCoords, (_, i) => fracCoords[i + ([1, -1, 0][i % 3] ?? 0)]!);
  return createStructure(createLattice([...b, ...a, ...c]), atomicNumbers, swapped);
}
