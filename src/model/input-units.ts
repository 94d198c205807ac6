import { createLattice } from './lattice.ts';
import { createStructure, type Structure } from './structure.ts';

/** The units in which people keep moduli. */
export const MODULUS_UNITS = ['GPa', 'kbar', 'Mbar', 'MPa', 'Pa', 'eV/A^3', 'log10(GPa)'] as const;
export type ModulusUnit = (typeof MODULUS_UNITS)[number];

/** The units in which programs keep lengths. */
export const LENGTH_UNITS = ['Angstrom', 'nm', 'Bohr'] as const;
export type LengthUnit = (typeof LENGTH_UNITS)[number];

/** 1 eV = 1.602176634e-19 J and 1 Angstrom^3 = 1e-30 m^3, both exact (SI 2019). */
const GPA_PER_EV_PER_CUBIC_ANGSTROM = 160.2176634;
/** 1 Bohr = 0.529177210544 Angstrom: CODATA 2022, DOI 10.1103/RevModPhys.97.025002. */
const ANGSTROM_PER = { Angstrom: 1, nm: 10, Bohr: 0.529177210544 } as const;

const GPA_PER_UNIT: Readonly<Record<Exclude<ModulusUnit, 'log10(GPa)'>, readonly [multiply: number, divide: number]>> =
  {
    // A quotient by a power of ten is rounded correctly, a product with 0.1 is not.
    GPa: [1, 1],
    kbar: [1, 10],
    Mbar: [100, 1],
    MPa: [1, 1e3],
    Pa: [1, 1e9],
    'eV/A^3': [GPA_PER_EV_PER_CUBIC_ANGSTROM, 1],
  };

/** A modulus in GPa, given in another unit or as its decimal logarithm. */
export function toGigapascal(value: number, unit: ModulusUnit): number {
  if (unit === 'log10(GPa)') return 10 ** value;
  const [multiply, divide] = GPA_PER_UNIT[unit];
  return (value * multiply) / divide;
}

/** A structure whose lattice was read as Angstrom, but is in another unit. Fractional coordinates have none. */
export function withLengthsIn(structure: Structure, unit: LengthUnit): Structure {
  if (unit === 'Angstrom') return structure;
  const lattice = createLattice(structure.lattice.matrix.map((value) => value * ANGSTROM_PER[unit]));
  return createStructure(lattice, structure.atomicNumbers, structure.fracCoords);
}
