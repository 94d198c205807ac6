import { latticeParameters } from '../../model/lattice.ts';
import type { Structure } from '../../model/structure.ts';
import { rightHanded, writtenSites } from '../written-sites.ts';

/** A CIF with all sites written out, in P 1. It tells edges and angles of the cell, not its orientation. */
export function writeCif(structure: Structure, name: string): string {
  const oriented = rightHanded(structure);
  const { a, b, c, alpha, beta, gamma } = latticeParameters(oriented.lattice.matrix);
  const cell = Object.entries({ length_a: a, length_b: b, length_c: c, angle_alpha: alpha, angle_beta: beta });
  const counts = new Map<string, number>();
  const labelled = writtenSites(oriented).sites.map(({ symbol, abc }) => {
    const count = (counts.get(symbol) ?? 0) + 1;
    counts.set(symbol, count);
    return `${symbol}${count} ${symbol} ${abc.join(' ')} 1`;
  });
  return [
    // A data block's name holds no space.
    `data_${name.replace(/[^\w.-]/g, '_')}`,
    ...[...cell, ['angle_gamma', gamma]].map(([key, value]) => `_cell_${key} ${value}`),
    "_symmetry_space_group_name_H-M 'P 1'",
    '_symmetry_Int_Tables_number 1',
    "loop_\n_symmetry_equiv_pos_site_id\n_symmetry_equiv_pos_as_xyz\n1 'x, y, z'",
    'loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z',
    '_atom_site_occupancy',
    ...labelled,
    '',
  ].join('\n');
}
