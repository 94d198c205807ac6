import type { Structure } from '../../model/structure.ts';
import { writtenSites } from '../written-sites.ts';

/** JSON as of pymatgen's `Structure.as_dict`, for `Structure.from_dict` and `Structure.from_file`. */
export function writePymatgen(structure: Structure): string {
  const { vectors, sites } = writtenSites(structure);
  const dict = {
    '@module': 'pymatgen.core.structure',
    '@class': 'Structure',
    lattice: { matrix: vectors, pbc: [true, true, true] },
    sites: sites.map(({ symbol, abc }) => ({ species: [{ element: symbol, occu: 1 }], abc, label: symbol })),
  };
  return `${JSON.stringify(dict)}\n`;
}
