import { createLattice } from '../../model/lattice.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { createStructure, type Structure } from '../../model/structure.ts';
import { fractionalOf } from '../cartesian-cell.ts';
import { fortranNumbers } from '../fortran-numbers.ts';
import { speciesAtomicNumber } from '../site-symbol.ts';

/** The atomic numbers of an OUTCAR's ions, from its POTCARs and the number of ions of each. */
export function ionsOf(titles: readonly string[], counts: readonly number[], ions: number | undefined): Uint8Array {
  const sum = counts.reduce((total, count) => total + count, 0);
  if (titles.length !== counts.length || sum !== ions) {
    const found = `${titles.length} POTCARs, ${counts.length} numbers of ions per type with sum ${sum}, NIONS ${ions}`;
    throw new RejectedInput('missing_field', `${found} do not go together; give the run's vasprun.xml instead`);
  }
  const numbers = titles.map((title) => speciesAtomicNumber(symbolOf(title), 'the element of a POTCAR'));
  return Uint8Array.from(numbers.flatMap((z, kind) => new Array<number>(counts[kind]!).fill(z)));
}

/** `Al` from `PAW_PBE Al 04Jan2001`, `Zr` from `Zr_sv`, `H` from `H1.25`. */
function symbolOf(title: string): string {
  const words = title.trim().split(/\s+/, 2);
  const word = words[1] ?? words[0]!;
  return /^[A-Z][a-z]?(?![a-z])/.exec(word)?.[0] ?? word;
}

export interface CellLines {
  /** The three lines below `direct lattice vectors`. */
  readonly lattice: readonly string[];
  readonly positions: readonly string[];
  readonly isCartesian: boolean;
}

export function structureOf({ lattice: vectors, positions, isCartesian }: CellLines, ions: Uint8Array): Structure {
  const lattice = createLattice(vectors.flatMap((line) => fortranNumbers(line, 3, 'a lattice vector')));
  if (positions.length !== ions.length) {
    throw new RejectedInput('truncated', `${positions.length} positions of ${ions.length} ions; the file is cut short`);
  }
  const coords = positions.flatMap((line) => fortranNumbers(line, 3, 'the position of an ion'));
  if (!isCartesian) return createStructure(lattice, ions, coords);
  return createStructure(lattice, ions, fractionalOf(lattice, coords));
}
