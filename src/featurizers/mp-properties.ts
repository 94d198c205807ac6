import { pointGroup } from '../kernels/point-group.ts';
import { primitiveCell, primitiveCellMultiplicity } from '../kernels/primitivity.ts';
import { StepBudget } from '../kernels/step-budget.ts';
import { type Composition, massDensity } from '../model/composition.ts';
import { crystalSystemNumber, crystalSystemOfPointGroup } from '../model/crystal-system.ts';
import type { Material } from '../model/material.ts';

/**
 * The cell to which volume and number of sites refer. Training data come in primitive cells and most CIF files in
 * conventional ones, and both features have a large weight in the models. So the default is `primitive`.
 */
export type CellChoice = 'primitive' | 'as-given';

/** The Materials Project's symmetry tolerance, Angstrom. */
const SYMPREC_ANGSTROM = 0.1;

/** The Materials Project properties, in the order in which `writeMpProperties` writes them. */
export const MP_PROPERTIES: readonly { readonly label: string; readonly unit: string }[] = [
  { label: 'volume', unit: 'Angstrom^3' },
  { label: 'density', unit: 'g/cm^3' },
  { label: 'band_gap', unit: 'eV' },
  { label: 'formation_energy_per_atom', unit: 'eV/atom' },
  { label: 'energy_above_hull', unit: 'eV/atom' },
  { label: 'nsites', unit: '1' },
  { label: 'nelements', unit: '1' },
  { label: 'crystal_system', unit: '1' },
];

/**
 * Writes the 8 Materials Project properties of a material; NaN for unknown ones.
 *
 * Equation: volume V / k and sites n / k for a cell that contains k primitive cells; density = formula mass / volume;
 * crystal system 1 (triclinic) to 7 (cubic) from the source's space group if known, otherwise from the point group of
 * the sites.
 * Source: Materials Project summary documents (Jain et al., APL Mater. 1 (2013) 011002, DOI 10.1063/1.4812323).
 * Shapes: `composition` belongs to the same structure; `out` Float64Array, 8 numbers from `offset` on, units in
 * MP_PROPERTIES.
 * Known value: conventional NaCl with edge 5.64 Angstrom has volume 44.85, density 2.164, 2 sites, 2 elements, system
 * 7.
 */
export function writeMpProperties(
  material: Material,
  composition: Composition,
  cell: CellChoice,
  out: Float64Array,
  offset: number,
  budget = new StepBudget(material.structure.atomicNumbers.length),
): void {
  const { structure } = material;
  const { multiplicity, crystalSystem } = symmetryOf(material, cell, budget);
  const share = cell === 'primitive' ? multiplicity : 1;
  out[offset] = structure.lattice.volume / share;
  out[offset + 1] = massDensity(composition, structure.lattice.volume);
  out[offset + 2] = material.bandGap ?? Number.NaN;
  out[offset + 3] = material.formationEnergyPerAtom ?? Number.NaN;
  out[offset + 4] = material.energyAboveHull ?? Number.NaN;
  out[offset + 5] = structure.atomicNumbers.length / share;
  out[offset + 6] = composition.atomicNumbers.length;
  out[offset + 7] = crystalSystem;
}

/** Does only what is needed: if the space group is known, the primitive cells are at most counted. */
function symmetryOf(
  material: Material,
  cell: CellChoice,
  budget: StepBudget,
): { multiplicity: number; crystalSystem: number } {
  const { structure, spaceGroup } = material;
  if (spaceGroup !== undefined) {
    const multiplicity = cell === 'primitive' ? primitiveCellMultiplicity(structure, SYMPREC_ANGSTROM, budget) : 1;
    return { multiplicity, crystalSystem: crystalSystemNumber(spaceGroup) };
  }
  const primitive = primitiveCell(structure, SYMPREC_ANGSTROM, budget);
  const multiplicity = structure.atomicNumbers.length / primitive.atomicNumbers.length;
  return { multiplicity, crystalSystem: crystalSystemOfPointGroup(pointGroup(primitive, SYMPREC_ANGSTROM, budget)) };
}
