import { compositionOf, massDensity } from '../../model/composition.ts';
import { type Structure, siteCount } from '../../model/structure.ts';
import type { CrystalDensity } from './elastic-properties.ts';

/**
 * Mass and number density of a crystal.
 *
 * Equation: rho = sum_i m_i / V, n = N / V.
 * Source: atomic weights as in src/model/elements.ts; P. J. Mohr et al., Rev. Mod. Phys. 97, 025002 (2025),
 *   DOI 10.1103/RevModPhys.97.025002.
 * Shapes: `structure` may be any cell of the crystal.
 * Units: g/cm^3, and atoms per Angstrom^3.
 * Errors: none.
 * Known value: zincblende SiC with a = 4.38 Angstrom has 3.169494 g/cm^3 and 0.0952067 atoms per Angstrom^3.
 */
export function crystalDensity(structure: Structure): CrystalDensity {
  const { volume } = structure.lattice;
  return {
    gramPerCm3: massDensity(compositionOf(structure), volume),
    atomsPerCubicAngstrom: siteCount(structure) / volume,
  };
}
