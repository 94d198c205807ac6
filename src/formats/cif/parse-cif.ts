import { type Lattice, latticeFromParameters } from '../../model/lattice.ts';
import type { Material } from '../../model/material.ts';
import { parseMaterialId } from '../../model/material-id.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { createStructure, type Structure } from '../../model/structure.ts';
import type { DocumentEntry } from '../input-unit.ts';
import { locate } from '../located-rejection.ts';
import { type CifBlock, type CifName, readCifBlocks } from './cif-blocks.ts';
import { parseCifNumber, readCifSites } from './cif-sites.ts';
import { cifOperations } from './cif-symmetry.ts';
import { expandSites } from './expand-sites.ts';

/**
 * Reads the structures of a CIF: one for each data block with atom sites. Blocks without atom sites (publication data,
 * powder patterns) are skipped. The material gets no space group from the file: it is determined from the atoms, as for
 * every other format.
 * @param idHint the id of the material; `#block` is added if several blocks hold structures
 * @throws RejectedInput while iterated: `bad_syntax`, `no_sites` if the file holds no structure at all
 */
export function* parseCif(text: string, idHint: string): Generator<DocumentEntry, void, void> {
  let blockCount = 0;
  let structureCount = 0;
  // Hold back one block until it is known whether it is the only one: a file may have many blocks, so do not keep them
  // all.
  let held: CifBlock | undefined;
  const entryOf = (block: CifBlock, id: string): DocumentEntry => ({
    locator: `block data_${block.name}`,
    parse: () => ({ material: parseBlock(block, id) }),
  });
  const numbered = (block: CifBlock) => entryOf(block, `${idHint}#${block.name || structureCount}`);
  for (const block of readCifBlocks(text)) {
    blockCount++;
    if (block.error === undefined && !block.columns.has('_atom_site_fract_x') && !isCartesianOnly(block)) continue;
    if (held) yield numbered(held);
    held = block;
    structureCount++;
  }
  if (blockCount === 0) throw new RejectedInput('bad_syntax', 'no line starts with "data_", so this is no CIF');
  if (held === undefined) {
    throw new RejectedInput('no_sites', 'no data block has atom sites (_atom_site_fract_x, _y, _z)');
  }
  yield structureCount === 1 ? entryOf(held, idHint) : numbered(held);
}

function parseBlock(block: CifBlock, idHint: string): Material {
  const id = parseMaterialId(idHint);
  return { id, structure: locate({ materialId: id }, () => structureOf(block)) };
}

function isCartesianOnly(block: CifBlock): boolean {
  return block.columns.has('_atom_site_cartn_x') && !block.columns.has('_atom_site_fract_x');
}

function structureOf(block: CifBlock): Structure {
  if (block.error) throw block.error;
  if (isCartesianOnly(block)) {
    throw new RejectedInput(
      'missing_field',
      '_atom_site_fract_x is missing: Cartesian positions alone leave their axes open; give fractional ones',
    );
  }
  const lattice = readLattice(block);
  const operations = cifOperations(block, lattice);
  const { atomicNumbers, fracCoords } = expandSites(readCifSites(block), operations);
  return createStructure(lattice, atomicNumbers, fracCoords);
}

function readLattice(block: CifBlock): Lattice {
  const number = (name: CifName) => {
    const text = block.columns.get(name)?.[0];
    if (text === undefined)
      throw new RejectedInput('missing_field', `${name} is missing; give all six cell parameters`);
    return parseCifNumber(text, name);
  };
  const edges = { a: number('_cell_length_a'), b: number('_cell_length_b'), c: number('_cell_length_c') };
  for (const [name, edge] of Object.entries(edges)) {
    if (!(edge > 0))
      throw new RejectedInput('bad_lattice', `_cell_length_${name} is ${edge}; it must be above 0 Angstrom`);
  }
  return latticeFromParameters({
    ...edges,
    alpha: number('_cell_angle_alpha'),
    beta: number('_cell_angle_beta'),
    gamma: number('_cell_angle_gamma'),
  });
}
