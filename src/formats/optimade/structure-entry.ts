import { createLattice } from '../../model/lattice.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { SITES_MAX } from '../../model/structure.ts';
import { fractionalOf } from '../cartesian-cell.ts';
import { isJsonObject, type JsonObject, missing, tooManySites } from '../json-fields.ts';
import { quote } from '../located-rejection.ts';

/**
 * A structure of OPTIMADE 1.x as a row of JSON lines. A provider's own fields lose their prefix: `_mp_band_gap` is
 * `band_gap`.
 * @throws RejectedInput
 */
export function optimadeRow(entry: unknown): JsonObject {
  if (!isJsonObject(entry)) throw new RejectedInput('bad_syntax', `the entry is ${quote(entry)} and no object`);
  const { id, attributes } = entry;
  if (!isJsonObject(attributes)) throw missing('attributes', 'ask another provider: the standard demands it');
  const { lattice_vectors: lattice, cartesian_site_positions: positions, species_at_sites: names } = attributes;
  const { dimension_types: periodic } = attributes;
  if (Array.isArray(periodic) && !periodic.every((one) => one === 1)) {
    const message = `dimension_types is ${quote(periodic)}: only crystals that are periodic in all directions are read`;
    throw new RejectedInput('bad_lattice', message);
  }
  if (!Array.isArray(names)) throw missing('species_at_sites', 'ask for it by response_fields');
  if (names.length > SITES_MAX) throw tooManySites(names.length);
  const matrix = numbers(lattice, 'lattice_vectors', 3);
  const cartesian = numbers(positions, 'cartesian_site_positions', names.length);
  const symbols = symbolsOf(attributes.species);
  const fractional = fractionalOf(createLattice(matrix), cartesian);
  return {
    ...ownFields(attributes),
    material_id: id,
    lattice: rows(matrix),
    species: names.map((name) => symbols.get(String(name)) ?? String(name)),
    frac_coords: rows(fractional),
  };
}

function numbers(value: unknown, field: string, count: number): number[] {
  const flat = Array.isArray(value) ? (value as unknown[]).flat() : [];
  if (flat.length !== 3 * count) throw missing(field, `give ${count} rows of three numbers`);
  return flat.map((one) => {
    if (typeof one === 'number' && Number.isFinite(one)) return one;
    throw new RejectedInput('bad_number', `${field} holds ${quote(one)}, which is no number`);
  });
}

function rows(flat: ArrayLike<number>): number[][] {
  return Array.from({ length: flat.length / 3 }, (_, i) => [flat[3 * i]!, flat[3 * i + 1]!, flat[3 * i + 2]!]);
}

/** The element of each species. @throws RejectedInput `partial_occupancy`, `dummy_site` */
function symbolsOf(species: unknown): Map<string, string> {
  const symbols = new Map<string, string>();
  for (const one of Array.isArray(species) ? (species as unknown[]) : []) {
    if (!isJsonObject(one) || !Array.isArray(one.chemical_symbols)) continue;
    const [symbol, ...others] = one.chemical_symbols as unknown[];
    if (others.length > 0) {
      const message = `species ${quote(one.name)} is ${quote(one.chemical_symbols)}; only ordered structures are read`;
      throw new RejectedInput('partial_occupancy', message);
    }
    if (symbol === 'X' || symbol === 'vacancy') {
      throw new RejectedInput('dummy_site', `species ${quote(one.name)} is ${quote(symbol)}, which is no element`);
    }
    symbols.set(String(one.name), String(symbol));
  }
  return symbols;
}

function ownFields(attributes: JsonObject): JsonObject {
  const own = Object.entries(attributes).flatMap(([key, value]) => {
    const name = /^_[a-z0-9]+_(.+)$/.exec(key)?.[1];
    return name === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(own);
}
