import type { Structure } from '../../model/structure.ts';
import { rightHanded, writtenSites } from '../written-sites.ts';

/** A POSCAR of VASP 5 and later: sites by element, elements in the order in which they first occur. */
export function writePoscar(structure: Structure, comment: string): string {
  const { vectors, sites } = writtenSites(rightHanded(structure));
  const symbols = [...new Set(sites.map(({ symbol }) => symbol))];
  const groups = symbols.map((symbol) => sites.filter((site) => site.symbol === symbol));
  return [
    // VASP reads the first 40 characters, and no line end belongs in them.
    comment.replace(/\s+/g, ' '),
    '1.0',
    ...vectors.map((vector) => vector.join(' ')),
    symbols.join(' '),
    groups.map(({ length }) => length).join(' '),
    'Direct',
    ...groups.flat().map(({ abc }) => abc.join(' ')),
    '',
  ].join('\n');
}
