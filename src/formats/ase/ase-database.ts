import { parseMaterialId } from '../../model/material-id.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { SITES_MAX, type Structure, siteCount } from '../../model/structure.ts';
import { cartesianStructure } from '../cartesian-cell.ts';
import type { DocumentEntry, ParsedMaterial } from '../input-unit.ts';
import { isJsonObject, type JsonObject, missing, tooManySites } from '../json-fields.ts';
import { locate, quote } from '../located-rejection.ts';
import { labelOfProperties, namedFacts, namedId, namedProperties } from '../named-properties.ts';

/** True of the JSON that `ase db` writes: rows by number, and the list of these numbers. */
export function isAseDatabase(root: JsonObject): boolean {
  return Array.isArray(root.ids) && typeof root.nextid === 'number';
}

/**
 * Reads a JSON database of ASE: positions in Angstrom, energies in eV, and the numbers of `key_value_pairs`. The id is
 * `material_id`, `mp_id` or the like among these, otherwise the row's number.
 * @throws RejectedInput while iterated
 */
export function* parseAseDatabase(root: JsonObject, idHint: string): Generator<DocumentEntry, void, void> {
  const ids = root.ids as readonly unknown[];
  if (ids.length === 0) throw new RejectedInput('no_sites', 'the database holds no rows');
  for (const id of ids) {
    const key = String(typeof id === 'number' ? id : quote(id));
    yield {
      locator: `row ${key}`,
      parse: () => {
        const row = Object.hasOwn(root, key) ? root[key] : undefined;
        if (isJsonObject(row)) return parseAseRow(row, `${idHint}#${key}`);
        throw new RejectedInput('truncated', `the database lists a row ${key}, but does not hold it`);
      },
    };
  }
}

/** @throws RejectedInput */
export function parseAseRow(row: JsonObject, idHint: string): ParsedMaterial {
  const pairs = isJsonObject(row.key_value_pairs) ? row.key_value_pairs : {};
  const id = parseMaterialId(namedId(Object.entries(pairs), idHint));
  return locate({ materialId: id }, () => {
    const structure = structureOf(row);
    const properties = namedProperties([['energy', row.energy], ...Object.entries(pairs)]);
    const calculator = typeof row.calculator === 'string' && row.calculator !== 'unknown' ? row.calculator : undefined;
    const label = labelOfProperties(properties, siteCount(structure), calculator);
    return { material: { id, structure, ...namedFacts(properties.values) }, ...(label !== undefined && { label }) };
  });
}

function structureOf(row: JsonObject): Structure {
  const numbers = numbersOf(row.numbers, 'numbers');
  if (numbers.length > SITES_MAX) throw tooManySites(numbers.length);
  const pbc = flat(row.pbc ?? [true, true, true], 'pbc');
  if (!pbc.every((value) => value === true || value === 1)) {
    throw new RejectedInput(
      'bad_lattice',
      `pbc is ${quote(row.pbc)}: only crystals that are periodic in all directions are read`,
    );
  }
  const positions = numbersOf(row.positions, 'positions');
  if (positions.length !== 3 * numbers.length) {
    throw new RejectedInput(
      'missing_field',
      `${numbers.length} atoms have ${positions.length} coordinates, not three each`,
    );
  }
  return cartesianStructure(numbersOf(row.cell, 'cell'), numbers, positions);
}

function numbersOf(value: unknown, field: string): number[] {
  return flat(value, field).map((entry) => {
    if (typeof entry === 'number') return entry;
    throw new RejectedInput('bad_number', `${field} holds ${quote(entry)}, which is no number`);
  });
}

/** The entries of a list, of a list of lists, or of `{"__ndarray__": [shape, type, entries]}`. */
function flat(value: unknown, field: string): unknown[] {
  const array = isJsonObject(value) && Array.isArray(value.__ndarray__) ? (value.__ndarray__ as unknown[])[2] : value;
  // A cell may be an object of ASE: {"array": ..., "__ase_objtype__": "cell"}.
  const list = isJsonObject(array) ? flatCell(array) : array;
  if (!Array.isArray(list)) throw missing(field, 'write the database with ase.db or `ase convert`');
  return (list as unknown[]).flatMap((entry) => (Array.isArray(entry) ? (entry as unknown[]) : [entry]));
}

function flatCell({ array }: JsonObject): unknown {
  return isJsonObject(array) && Array.isArray(array.__ndarray__) ? (array.__ndarray__ as unknown[])[2] : array;
}
