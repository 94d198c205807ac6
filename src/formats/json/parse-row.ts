import { atomicNumber } from '../../model/element-symbols.ts';
import type { Material } from '../../model/material.ts';
import { type MaterialId, parseMaterialId } from '../../model/material-id.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { createStructure, SITES_MAX, type Structure } from '../../model/structure.ts';
import { parseCif } from '../cif/parse-cif.ts';
import { columnsOf, labelledRow } from '../databases/database-row.ts';
import type { ParsedMaterial } from '../input-unit.ts';
import {
  badVector,
  copyVector,
  isJsonObject,
  type JsonObject,
  missing,
  parseJson,
  parseLattice,
  tooManySites,
} from '../json-fields.ts';
import { locate, quote } from '../located-rejection.ts';
import { parsePoscar } from '../poscar/parse-poscar.ts';
import { speciesAtomicNumber } from '../site-symbol.ts';
import { structureCell } from '../tables/table-cell.ts';
import type { TableColumn } from '../tables/table-columns.ts';
import { parsePymatgenStructure } from './pymatgen-structure.ts';

/**
 * Reads one JSON-lines row: `material_id`, then `lattice`, `species`, `frac_coords` or a pymatgen `structure`, and
 * optionally `space_group`, `formation_energy_per_atom`, `band_gap`, `energy_above_hull`; documents of databases and rows
 * of tables may call id, structure and label otherwise. Other fields are ignored.
 * @throws RejectedInput; a LocatedRejection with the material's id if the id could be read
 */
export function parseRow(line: string): ParsedMaterial {
  const row = parseJson(line);
  if (!isJsonObject(row)) throw new RejectedInput('bad_syntax', `the line is not a JSON object but ${quote(line)}`);
  const id = row.material_id ?? usualId(row);
  return parsedMaterial(id === row.material_id ? row : { ...row, material_id: id }, undefined);
}

/** What a row without `material_id` may call its id. */
function usualId(row: JsonObject): unknown {
  const column = columnsOf(row)?.id;
  const id = column && row[column.title];
  return typeof id === 'number' ? String(id) : id;
}

/**
 * The material of an object, with its label fields as JSON lines have them.
 * @throws RejectedInput
 */
export function parsedMaterial(row: JsonObject, idHint: string | undefined): ParsedMaterial {
  const material = materialFromObject(row, idHint);
  try {
    return { material, json: labelledRow(row) };
  } catch (error) {
    if (error instanceof RejectedInput) return { material, badLabel: error };
    throw error;
  }
}

/**
 * The material of a row, of a pymatgen structure, or of an object that holds a pymatgen structure in `structure`.
 * @param idHint the id to use if the object has none; without this hint, an object without `material_id` is rejected
 */
function materialFromObject(row: JsonObject, idHint: string | undefined): Material {
  const givenId = row.material_id ?? idHint;
  if (givenId === undefined) throw missing('material_id', 'add it, as text');
  const id = parseMaterialId(givenId);
  return locate({ materialId: id }, () => describeMaterial(row, id, structureOf(row)));
}

function structureOf(row: JsonObject): Structure {
  if (row.sites !== undefined) return parsePymatgenStructure(row);
  if (isJsonObject(row.structure)) return parsePymatgenStructure(row.structure);
  const column = row.lattice === undefined ? columnsOf(row)?.structure : undefined;
  const text = column && row[column.title];
  return column !== undefined && typeof text === 'string' ? structureOfCell(text, column) : parsePlainStructure(row);
}

/** The structure in a cell of a table, as `structureCell` finds it. */
export function structureOfCell(cell: unknown, column: TableColumn): Structure {
  const found = structureCell(cell, column);
  if (found.format === 'json') return structureOf(found.json);
  if (found.format === 'poscar') return parsePoscar(found.text);
  const [entry, second] = [...parseCif(found.text, 'cell')];
  if (entry === undefined || second !== undefined) {
    throw new RejectedInput('bad_syntax', `column ${quote(column.title)} holds several structures; give one per row`);
  }
  return entry.parse().material.structure;
}

function parsePlainStructure(row: JsonObject): Structure {
  const lattice = parseLattice(row.lattice, 'lattice');
  const { species, frac_coords: coords } = row;
  if (!Array.isArray(species)) throw missing('species', 'give a list of element symbols');
  if (!Array.isArray(coords)) throw missing('frac_coords', 'give a list of [x, y, z] for each species');
  const n = species.length;
  if (n > SITES_MAX) throw tooManySites(n);
  if (coords.length !== n) {
    throw new RejectedInput(
      'missing_field',
      `species has ${n} entries, but frac_coords ${coords.length}; they must match`,
    );
  }
  const atomicNumbers = new Uint8Array(n);
  const fracCoords = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const symbol: unknown = species[i];
    const z = typeof symbol === 'string' ? atomicNumber(symbol) : undefined;
    atomicNumbers[i] = z ?? speciesAtomicNumber(symbol, `species[${i}]`);
    if (!copyVector(coords[i], fracCoords, 3 * i)) throw badVector(coords[i], `frac_coords[${i}]`);
  }
  return createStructure(lattice, atomicNumbers, fracCoords);
}

/** The material with the properties of its row. */
export function describeMaterial(row: JsonObject, id: MaterialId, structure: Structure): Material {
  const material: { -readonly [K in keyof Material]: Material[K] } = { id, structure };
  const spaceGroup = optionalNumber(row, 'space_group');
  if (spaceGroup !== undefined) {
    if (!Number.isInteger(spaceGroup) || spaceGroup < 1 || spaceGroup > 230) {
      throw new RejectedInput(
        'out_of_range',
        `space_group is ${spaceGroup}; give a whole number from 1 to 230, or null`,
      );
    }
    material.spaceGroup = spaceGroup;
  }
  const bandGap = optionalNumber(row, 'band_gap');
  if (bandGap !== undefined) material.bandGap = bandGap;
  const formationEnergy = optionalNumber(row, 'formation_energy_per_atom');
  if (formationEnergy !== undefined) material.formationEnergyPerAtom = formationEnergy;
  const aboveHull = optionalNumber(row, 'energy_above_hull');
  if (aboveHull !== undefined) material.energyAboveHull = aboveHull;
  return material;
}

function optionalNumber(row: JsonObject, field: string): number | undefined {
  const value = row[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new RejectedInput('bad_number', `${field} is ${quote(value)}; give a number, or null where unknown`);
  }
  return value;
}
