import { createLattice } from './lattice.ts';
import { createStructure, type Structure } from './structure.ts';

/** The units in which people keep moduli. */
export const MODULUS_UNITS = ['GPa', 'kbar', 'MPa', 'Pa', 'eV/A^3', 'log10(GPa)'] as const;
export type ModulusUnit = (typeof MODULUS_UNITS)[number];

/** The units in which programs keep lengths. */
const LENGTH_UNITS = ['Angstrom', 'nm', 'Bohr'] as const;
export type LengthUnit = (typeof LENGTH_UNITS)[number];

/** What somebody says of the units of a source; GPa and Angstrom where nothing is said. */
export interface InputUnits {
  readonly modulus?: ModulusUnit;
  readonly length?: LengthUnit;
}

/** How many make one GPa, where that is a whole number: dividing keeps 1234 kbar at 123.4 GPa. */
const PER_GPA = { GPa: 1, kbar: 10, MPa: 1e3, Pa: 1e9 } as const;
/** 1 eV/Angstrom^3 in GPa: the elementary charge, exact in the SI of 2019. */
const GPA_PER_EV_PER_CUBIC_ANGSTROM = 160.2176634;
/** 1 Bohr = 0.529177210544 Angstrom: CODATA 2022, DOI 10.1103/RevModPhys.97.025002. */
const ANGSTROM_PER = { Angstrom: 1, nm: 10, Bohr: 0.529177210544 } as const;

/** A modulus in GPa, given in another unit or as its decimal logarithm. */
export function gigapascalFrom(value: number, unit: ModulusUnit): number {
  if (unit === 'log10(GPa)') return 10 ** value;
  return unit === 'eV/A^3' ? value * GPA_PER_EV_PER_CUBIC_ANGSTROM : value / PER_GPA[unit];
}

/** A structure whose lattice was read as Angstrom, but is in another unit. Fractional coordinates have none. */
export function withLengthsIn(structure: Structure, unit: LengthUnit): Structure {
  if (unit === 'Angstrom') return structure;
  const lattice = createLattice(structure.lattice.matrix.map((value) => value * ANGSTROM_PER[unit]));
  return createStructure(lattice, structure.atomicNumbers, structure.fracCoords);
}

/**
 * The units that a text names: `kbar`, `Bohr`, or both with a comma.
 * @returns undefined if a word is none
 */
export function unitsNamed(text: string): InputUnits | undefined {
  let units: InputUnits = {};
  for (const word of text.split(',')) {
    const same = (unit: string) => unit.toLowerCase() === word.trim().toLowerCase();
    const [modulus, length] = [MODULUS_UNITS.find(same), LENGTH_UNITS.find(same)];
    if (!modulus && !length) return undefined;
    units = { ...units, ...(modulus && { modulus }), ...(length && { length }) };
  }
  return units;
}

/** For messages. */
export const UNIT_CHOICES = `${MODULUS_UNITS.join(', ')}; Angstrom, nm, Bohr`;

/** `kbar,Bohr` for what differs from GPa and Angstrom; empty if nothing does. */
export function unitsText({ modulus, length }: InputUnits): string {
  return [modulus, length].filter((unit) => unit && unit !== 'GPa' && unit !== 'Angstrom').join(',');
}
