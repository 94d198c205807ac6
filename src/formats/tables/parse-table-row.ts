import type { Material } from '../../model/material.ts';
import { type MaterialId, parseMaterialId } from '../../model/material-id.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { Structure } from '../../model/structure.ts';
import { plainTensor } from '../databases/database-row.ts';
import type { ParsedMaterial, TableRow } from '../input-unit.ts';
import { describeMaterial, structureOfCell } from '../json/parse-row.ts';
import { type JsonObject, parseJson } from '../json-fields.ts';
import { locate, quote } from '../located-rejection.ts';
import { toGigapascal } from './modulus-unit.ts';
import { cellNumber, isUnknown } from './table-cell.ts';
import { FURTHER_FIELDS, type FurtherField, type TableColumn, type TableColumns } from './table-columns.ts';

const NUMBER_FIELDS: readonly FurtherField[] = ['formation_energy_per_atom', 'band_gap', 'energy_above_hull'];

/**
 * Reads one row of a table as a row of JSON lines: the same fields, in their units.
 * @param ofFile the structure of the file that the row names, if it does
 * @throws RejectedInput; a LocatedRejection with the material's id if the id could be read
 */
export function parseTableRow(
  row: TableRow,
  columns: TableColumns,
  idHint: string,
  ofFile: (() => Material) | undefined,
): ParsedMaterial {
  if (row.cells.length !== columns.width) throw ragged(row.cells, columns);
  const id = idOf(row, columns, idHint, ofFile);
  return locate({ materialId: id }, () => {
    const structure = ofFile ? ofFile().structure : cellStructure(row, columns);
    const fields = furtherFields(row, columns);
    const material = describeMaterial(fields, id, structure);
    try {
      return { material, json: { ...fields, ...moduli(row, columns) } };
    } catch (error) {
      if (error instanceof RejectedInput) return { material, badLabel: error };
      throw error;
    }
  });
}

function ragged({ length }: readonly unknown[], { width }: TableColumns): RejectedInput {
  const remedy = 'put quotes around cells that hold separators or line ends';
  return new RejectedInput('bad_syntax', `the row has ${length} cells, and the table ${width} columns; ${remedy}`);
}

function idOf(
  { cells, number }: TableRow,
  { id }: TableColumns,
  idHint: string,
  ofFile: (() => Material) | undefined,
): MaterialId {
  if (id === undefined) return ofFile ? ofFile().id : parseMaterialId(`${idHint}#${number}`);
  const cell = cells[id.index];
  if (isUnknown(cell))
    throw new RejectedInput('missing_field', `column ${quote(id.title)} is empty; give each row an id`);
  // Ids may be numbers, which Parquet gives as such.
  return parseMaterialId(typeof cell === 'string' ? cell.trim() : String(cell));
}

function cellStructure({ cells }: TableRow, { structure: column }: TableColumns): Structure {
  if (column === undefined) throw new RejectedInput('missing_field', 'the table holds no structure');
  return structureOfCell(cells[column.index], column);
}

/** The fields beside the moduli, as a row of JSON lines names them. */
function furtherFields({ cells }: TableRow, { further, isDecimalComma }: TableColumns): JsonObject {
  const entries = FURTHER_FIELDS.flatMap((field) => {
    const column = further[field];
    const cell = column && cells[column.index];
    if (column === undefined || isUnknown(cell)) return [];
    const value = furtherValue(field, column, cell, isDecimalComma);
    return value === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(entries);
}

function furtherValue(field: FurtherField, column: TableColumn, cell: unknown, isDecimalComma: boolean): unknown {
  if (NUMBER_FIELDS.includes(field)) return cellNumber(cell, column, isDecimalComma);
  if (field === 'elastic_tensor') return plainTensor(typeof cell === 'string' ? parseJson(cell) : cell);
  if (field !== 'space_group') return String(cell);
  // A symbol, or a number that another program found: the number of ours is found from the atoms.
  const number = Number(cell);
  return Number.isInteger(number) && number >= 1 && number <= 230 ? number : undefined;
}

function moduli({ cells }: TableRow, { g, k, isDecimalComma }: TableColumns): JsonObject {
  const inGpa = (column: typeof g) => {
    const value = column && cellNumber(cells[column.index], column, isDecimalComma);
    return value === undefined || column === undefined ? null : toGigapascal(value, column.unit);
  };
  return { g_vrh: inGpa(g), k_vrh: inGpa(k) };
}
