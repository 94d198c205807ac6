import { ATOMIC_NUMBER_MAX } from './element-symbols.ts';
import type { Lattice } from './lattice.ts';
import { RejectedInput } from './rejection.ts';

/** A fully ordered periodic crystal: every site holds exactly one element. Immutable by convention. */
export interface Structure {
  readonly lattice: Lattice;
  /** Uint8Array[n], atomic numbers 1 to 118. */
  readonly atomicNumbers: Uint8Array;
  /** Float64Array[3n], row-major, fractional; any real number, not wrapped into the cell. */
  readonly fracCoords: Float64Array;
}

/** The limit of sites per material (design.md); it keeps messages under 1 MiB and memory bounded. */
export const SITES_MAX = 20_000;
/** A larger coordinate has lost the digits that place the atom in the cell. */
const FRAC_COORD_MAX = 1e6;

/**
 * Creates a structure from copies of the arguments.
 * @param atomicNumbers n numbers from 1 to 118
 * @param fracCoords 3n finite numbers, row-major
 * @throws RejectedInput `no_sites`, `too_many_sites`, `bad_number`, `unknown_element`, `missing_field`
 */
export function createStructure(
  lattice: Lattice,
  atomicNumbers: ArrayLike<number>,
  fracCoords: ArrayLike<number>,
): Structure {
  const n = atomicNumbers.length;
  if (n === 0) throw new RejectedInput('no_sites', 'the structure has no sites');
  if (n > SITES_MAX) throw new RejectedInput('too_many_sites', `${n} sites; at most ${SITES_MAX} are allowed`);
  if (fracCoords.length !== 3 * n) {
    throw new RejectedInput('missing_field', `${n} sites need ${3 * n} coordinates, not ${fracCoords.length}`);
  }
  for (let i = 0; i < n; i++) {
    const z = atomicNumbers[i]!;
    if (!Number.isInteger(z) || z < 1 || z > ATOMIC_NUMBER_MAX) {
      throw new RejectedInput('unknown_element', `site ${i + 1} has atomic number ${z}`);
    }
  }
  for (let i = 0; i < 3 * n; i++) {
    const x = fracCoords[i]!;
    if (!(Math.abs(x) <= FRAC_COORD_MAX)) {
      throw new RejectedInput('bad_number', `site ${Math.floor(i / 3) + 1} has fractional coordinate ${x}`);
    }
  }
  return { lattice, atomicNumbers: Uint8Array.from(atomicNumbers), fracCoords: Float64Array.from(fracCoords) };
}

/** The number of sites. */
export function siteCount(structure: Structure): number {
  return structure.atomicNumbers.length;
}
