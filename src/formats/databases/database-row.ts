import { RejectedInput } from '../../model/rejection.ts';
import { isJsonObject, type JsonObject } from '../json-fields.ts';
import { quote } from '../located-rejection.ts';
import { toGigapascal } from '../tables/modulus-unit.ts';
import { cellNumber, isUnknown } from '../tables/table-cell.ts';
import { findColumns, type ModulusColumn, type TableColumns } from '../tables/table-columns.ts';
import { voigtFromFull } from './full-tensor.ts';

/*
 * Documents of databases and programs as rows of JSON lines. What each calls the moduli, all in GPa:
 *   Materials Project, summary and elasticity (emmet ElasticityDoc)   bulk_modulus.vrh, shear_modulus.vrh
 *   atomate2 ElasticDocument                                          derived_properties.k_vrh, .g_vrh
 *   Materials Project before 2022                                     elasticity.K_VRH, .G_VRH
 *   DataFrames, matminer, Matbench                                    a column of a usual title
 */

/**
 * The row with the label fields `g_vrh`, `k_vrh`, `elastic_tensor` of JSON lines, wherever the document has them.
 * @throws RejectedInput if the document says that its values are not to be used, or they are no numbers
 */
export function labelledRow(row: JsonObject): JsonObject {
  const tensor = tensorOf(row);
  const found = { g_vrh: modulusOf(row, 'g'), k_vrh: modulusOf(row, 'k') };
  if (found.g_vrh === row.g_vrh && found.k_vrh === row.k_vrh && tensor === row.elastic_tensor) return row;
  assertUsable(row);
  return { ...row, ...found, elastic_tensor: tensor };
}

/** A failed fit, and one from what was left of its deformations, looks like any other. */
function assertUsable({ state, deprecated, fitting_data: fit }: JsonObject): void {
  if (state === 'failed')
    throw new RejectedInput('missing_field', 'state is "failed": the tensor could not be fitted; run it again');
  if (deprecated === true)
    throw new RejectedInput('missing_field', 'deprecated is true: its database has withdrawn it; look for a newer one');
  const failed = isJsonObject(fit) && Array.isArray(fit.failed_uuids) ? fit.failed_uuids.length : 0;
  if (failed === 0) return;
  const remedy = 'run them again: a tensor that is fitted to the others alone may be far off';
  throw new RejectedInput('missing_field', `fitting_data.failed_uuids names ${failed} deformations; ${remedy}`);
}

const NAMES = {
  g: { direct: 'g_vrh', averages: 'shear_modulus', derived: 'g_vrh', legacy: 'G_VRH' },
  k: { direct: 'k_vrh', averages: 'bulk_modulus', derived: 'k_vrh', legacy: 'K_VRH' },
} as const;

function modulusOf(row: JsonObject, role: 'g' | 'k'): unknown {
  const { direct, averages, derived, legacy } = NAMES[role];
  if (row[direct] !== undefined) return row[direct];
  const nested = row[averages];
  if (isJsonObject(nested)) return nested.vrh;
  if (isJsonObject(row.derived_properties)) return row.derived_properties[derived];
  if (isJsonObject(row.elasticity)) return row.elasticity[legacy];
  const column = columnsOf(row)?.[role];
  return column === undefined ? undefined : cellOf(row, column);
}

function cellOf(row: JsonObject, column: ModulusColumn): number | undefined {
  const cell = row[column.title];
  if (isUnknown(cell)) return undefined;
  const value = cellNumber(cell, column, false);
  return value === undefined ? undefined : toGigapascal(value, column.unit);
}

/** The raw tensor goes before the one in IEEE axes, which is rounded to whole GPa. */
function tensorOf(row: JsonObject): unknown {
  const legacy = isJsonObject(row.elasticity) ? row.elasticity : {};
  const given =
    row.elastic_tensor_original ?? row.elastic_tensor ?? legacy.elastic_tensor_original ?? legacy.elastic_tensor;
  return plainTensor(given);
}

/** A 6 x 6 array, whatever holds it: `{raw, ieee_format}` of emmet and atomate2, or pymatgen's `ElasticTensor.as_dict`. */
export function plainTensor(given: unknown): unknown {
  if (!isJsonObject(given)) return given;
  const { raw, ieee_format: ieee, input_array: array } = given;
  if (array !== undefined) return voigtFromFull(array);
  const inner = raw ?? ieee;
  if (inner !== undefined || !('raw' in given || 'ieee_format' in given)) {
    if (inner !== undefined) return plainTensor(inner);
    throw new RejectedInput('missing_field', `elastic_tensor is ${quote(given)}; give 6 rows of 6 numbers, or {raw}`);
  }
  return null;
}

let lastKeys = '';
let lastColumns: TableColumns | undefined;

/** The columns that a row's keys are, by their usual titles; undefined if they cannot be told. Rows of a kind follow one another. */
export function columnsOf(row: JsonObject): TableColumns | undefined {
  const titles = Object.keys(row);
  const keys = titles.join('\n');
  if (keys === lastKeys) return lastColumns;
  lastKeys = keys;
  try {
    lastColumns = findColumns(titles);
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    lastColumns = undefined;
  }
  return lastColumns;
}
