import { cellMass, compositionOf } from '../../model/composition.ts';
import { type Structure, siteCount } from '../../model/structure.ts';
import type { CrystalDensity } from './elastic-properties.ts';

/** The atomic mass constant, in g/cm^3 for one u per cubic Angstrom (CODATA 2022: 1.66053906892e-24 g). */
const GRAM_PER_CM3_PER_DALTON_PER_CUBIC_ANGSTROM = 1.66053906892;

/**
 * Mass and number density of a crystal.
 *
 * Equation: rho = sum_i m_i / V, n = N / V.
 * Source: atomic weights as in src/model/elements.ts; P. J. Mohr et al., Rev. Mod. Phys. 97, 025002 (2025),
 *   DOI 10.1103/RevModPhys.97.025002.
 * Shapes: any cell of the crystal.
 * Units: g/cm^3, and atoms per Angstrom^3.
 * Errors: none.
 * Known value: zincblende SiC with a = 4.38 Angstrom has 3.169494 g/cm^3 and 0.0952067 atoms per Angstrom^3.
 */
export function crystalDensity(structure: Structure): CrystalDensity {
  const { volume } = structure.lattice;
  return {
    gramPerCm3: (cellMass(compositionOf(structure)) / volume) * GRAM_PER_CM3_PER_DALTON_PER_CUBIC_ANGSTROM,
    atomsPerCubicAngstrom: siteCount(structure) / volume,
  };
}
