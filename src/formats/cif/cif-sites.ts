import { RejectedInput } from '../../model/rejection.ts';
import { SITES_MAX } from '../../model/structure.ts';
import { OCCUPANCY_TOLERANCE } from '../json/pymatgen-structure.ts';
import { quote } from '../located-rejection.ts';
import { siteAtomicNumber } from '../site-symbol.ts';
import type { CifBlock, CifName } from './cif-blocks.ts';
import type { ListedSites } from './expand-sites.ts';

/** A decimal number, optionally with its uncertainty in parentheses: 0.3333(2). */
const NUMBER_CHARACTERS_MAX = 64;
const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\(\d+\))?$/;
/**
 * Files write thirds as 0.3333 or 0.6667; without rounding them, symmetry would produce separate sites. Relative;
 * pymatgen's frac_tolerance.
 */
const THIRD_TOLERANCE = 1e-4;
const THIRDS = [1 / 3, 2 / 3];
const AXES = ['x', 'y', 'z'] as const;

function isUnknown(value: string | undefined): boolean {
  return value === undefined || value === '?' || value === '.';
}

/**
 * Reads a CIF number and drops its uncertainty.
 * @throws RejectedInput `missing_field` for `?` and `.`, otherwise `bad_number`
 */
export function parseCifNumber(text: string, field: string): number {
  const match = text.length <= NUMBER_CHARACTERS_MAX && NUMBER.exec(text);
  if (match) return Number(match[1]);
  if (isUnknown(text)) throw new RejectedInput('missing_field', `${field} is ${text}; give a number`);
  throw new RejectedInput('bad_number', `${field} is ${quote(text)}; give a number such as 0.25 or 0.333(2)`);
}

/**
 * The atom sites that a block lists, except those with occupancy 0.
 * @throws RejectedInput
 */
export function readCifSites(block: CifBlock): ListedSites {
  const { names, symbols, coords } = siteColumns(block);
  const value = (name: CifName, i: number) => {
    const text = block.columns.get(name)?.[i];
    return isUnknown(text) ? undefined : text;
  };
  const sites = { labels: [] as string[], z: [] as number[], coords: [] as number[] };
  for (const [i, name] of names.entries()) {
    const site = `site ${quote(name)}`;
    const occupancy = parseCifNumber(value('_atom_site_occupancy', i) ?? '1', `_atom_site_occupancy of ${site}`);
    if (occupancy === 0) continue;
    rejectIncomplete(site, occupancy, value('_atom_site_calc_flag', i), value('_atom_site_attached_hydrogens', i));
    sites.z.push(
      isUnknown(symbols?.[i]) ? siteAtomicNumber(name, 'label') : siteAtomicNumber(symbols![i]!, 'type symbol'),
    );
    sites.labels.push(name);
    for (const [k, axis] of AXES.entries()) {
      sites.coords.push(idealThird(parseCifNumber(coords[k]![i]!, `_atom_site_fract_${axis} of ${site}`)));
    }
  }
  if (sites.z.length === 0) throw new RejectedInput('no_sites', 'the block lists no atoms');
  return { labels: sites.labels, atomicNumbers: Uint8Array.from(sites.z), fracCoords: Float64Array.from(sites.coords) };
}

function siteColumns(block: CifBlock) {
  const column = (name: CifName) => block.columns.get(name);
  const symbols = column('_atom_site_type_symbol');
  const names = column('_atom_site_label') ?? symbols;
  if (!names) throw new RejectedInput('missing_field', '_atom_site_label is missing; name the element of each site');
  if (names.length > SITES_MAX) {
    throw new RejectedInput('too_many_sites', `more than ${SITES_MAX} sites are listed; at most so many are allowed`);
  }
  const coords = AXES.map((axis) => {
    const values = column(`_atom_site_fract_${axis}`);
    if (!values)
      throw new RejectedInput('missing_field', `_atom_site_fract_${axis} is missing; give all three coordinates`);
    if (values.length !== names.length) {
      throw new RejectedInput(
        'bad_syntax',
        `${names.length} sites, but ${values.length} coordinates; use one loop for both`,
      );
    }
    return values;
  });
  return { names, symbols, coords };
}

function rejectIncomplete(
  site: string,
  occupancy: number,
  flag: string | undefined,
  hydrogens: string | undefined,
): void {
  if (flag?.toLowerCase() === 'dum') {
    throw new RejectedInput('dummy_site', `${site} is marked as a dummy (_atom_site_calc_flag dum); remove it`);
  }
  if (Math.abs(occupancy - 1) > OCCUPANCY_TOLERANCE) {
    throw new RejectedInput(
      'partial_occupancy',
      `_atom_site_occupancy of ${site} is ${occupancy}, not 1; give an ordered structure, for example a supercell`,
    );
  }
  if (hydrogens !== undefined && parseCifNumber(hydrogens, `_atom_site_attached_hydrogens of ${site}`) > 0) {
    throw new RejectedInput(
      'missing_field',
      `_atom_site_attached_hydrogens of ${site} is ${hydrogens}: these atoms have no positions; add them as sites`,
    );
  }
}

function idealThird(x: number): number {
  return THIRDS.find((third) => Math.abs(x / third - 1) <= THIRD_TOLERANCE) ?? x;
}
