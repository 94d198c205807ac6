import { RejectedInput } from '../../model/rejection.ts';
import { createStructure, SITES_MAX, type Structure } from '../../model/structure.ts';
import {
  badVector,
  copyVector,
  isJsonObject,
  type JsonObject,
  missing,
  parseLattice,
  tooManySites,
} from '../json-fields.ts';
import { quote } from '../located-rejection.ts';
import { speciesAtomicNumber } from '../site-symbol.ts';

/** The largest deviation of an occupancy from 1. Programs write 0.9999; a thousandth of an atom changes no feature. */
export const OCCUPANCY_TOLERANCE = 1e-3;

/**
 * Reads the output of pymatgen's `Structure.as_dict`: `lattice.matrix`, and `sites` with `species` and `abc`. Oxidation
 * states, charges, labels and site properties are ignored.
 * @throws RejectedInput
 */
export function parsePymatgenStructure(dict: JsonObject): Structure {
  if (!isJsonObject(dict.lattice)) throw missing('structure.lattice', 'write the structure with Structure.as_dict()');
  const lattice = parseLattice(dict.lattice.matrix, 'lattice.matrix');
  const { sites } = dict;
  if (!Array.isArray(sites)) throw missing('structure.sites', 'write the structure with Structure.as_dict()');
  if (sites.length > SITES_MAX) throw tooManySites(sites.length);
  const atomicNumbers = new Uint8Array(sites.length);
  const fracCoords = new Float64Array(3 * sites.length);
  for (const [i, site] of (sites as unknown[]).entries()) {
    if (!isJsonObject(site)) throw new RejectedInput('bad_syntax', `sites[${i}] is not an object but ${quote(site)}`);
    atomicNumbers[i] = onlySpecies(site.species, `sites[${i}].species`);
    if (!copyVector(site.abc, fracCoords, 3 * i)) throw badVector(site.abc, `sites[${i}].abc`);
  }
  return createStructure(lattice, atomicNumbers, fracCoords);
}

function onlySpecies(list: unknown, field: string): number {
  if (!Array.isArray(list) || list.length === 0) throw missing(field, 'give [{"element": "Na", "occu": 1}]');
  const entry: unknown = list[0];
  if (list.length > 1) throw partial(`${field} names ${list.length} species on one site`);
  if (!isJsonObject(entry)) throw missing(field, 'give [{"element": "Na", "occu": 1}]');
  const occupancy = entry.occu ?? 1;
  if (typeof occupancy !== 'number') throw new RejectedInput('bad_number', `${field}[0].occu is ${quote(occupancy)}`);
  if (!(Math.abs(occupancy - 1) <= OCCUPANCY_TOLERANCE)) throw partial(`${field}[0].occu is ${occupancy}, not 1`);
  return speciesAtomicNumber(entry.element, `${field}[0].element`);
}

function partial(what: string): RejectedInput {
  return new RejectedInput('partial_occupancy', `${what}; give an ordered structure, for example a supercell`);
}
