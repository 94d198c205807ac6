import { RejectedInput } from '../../model/rejection.ts';
import type { TableOptions } from '../../model/table-options.ts';
import type { TargetDefinition, TargetValue } from '../../model/target.ts';
import { quote } from '../located-rejection.ts';
import { assertPlausibleUnits } from '../tables/table-doubts.ts';
import { RESULT_TITLES, type ResultHeader, resultHeader } from './result-columns.ts';

const { id: ID, failed: FAILED, attempt: ATTEMPT, calculation: CALCULATION } = RESULT_TITLES;

/** Cells of a line, or of a row of a table that has types. */
interface TableRecord {
  /** The line on which it begins, or the row, from 1. */
  readonly line: number;
  readonly cells: readonly unknown[];
}

export interface ResultTableOptions {
  /** What the user says of the table. */
  readonly table?: TableOptions | undefined;
  /** Told which columns were taken where their titles are not those of a table to fill in. */
  readonly onNote?: (line: string) => void;
  /** What a record's number counts. Default: line. */
  readonly counts?: 'line' | 'row';
}

/** A row that somebody has filled in. */
export interface TableResult {
  readonly materialId: string;
  readonly calculation?: string;
  readonly attempt?: number;
  /** Why there is no result. */
  readonly failure?: string;
  readonly values: readonly TargetValue[];
  /** Neither values nor a failure yet. */
  readonly isEmpty: boolean;
}

/** Either a result or what is wrong with the row. */
export interface ResultRow {
  /** `line 3` */
  readonly locator: string;
  readonly materialId: string;
  readonly result?: TableResult;
  readonly problem?: RejectedInput;
}

/** Rows that show which unit the numbers have. */
const HEAD_ROWS = 1_000;

/**
 * The rows of a table of results. Columns may stand in any order; those that are not known are passed over. Ids and
 * moduli may have the usual titles of other tables.
 * @throws RejectedInput where the header or the text as a whole cannot be read, or must be asked back
 */
export async function* resultRows(
  records: AsyncIterable<TableRecord>,
  targets: readonly TargetDefinition[],
  { table = {}, onNote = () => {}, counts = 'line' }: ResultTableOptions = {},
): AsyncGenerator<ResultRow, void, void> {
  let header: ResultHeader | undefined;
  let head: TableRecord[] | undefined = [];
  let failure: { readonly error: unknown } | undefined;
  function* begun(): Generator<ResultRow, void, void> {
    const rows = head;
    head = undefined;
    if (!header || !rows) return;
    const cells = rows.map((row) => row.cells);
    assertPlausibleUnits({ ...header.moduli, isDecimalComma: header.isDecimalComma }, cells);
    if (header.note !== undefined) onNote(header.note);
    for (const row of rows) yield rowOf(row, header, counts);
  }
  try {
    for await (const record of records) {
      if (record.cells.every((cell) => textOf(cell) === '')) continue;
      if (!header) header = resultHeader(record.cells.map(textOf), targets, table);
      else if (head === undefined) yield rowOf(record, header, counts);
      else if (head.push(record) === HEAD_ROWS) yield* begun();
    }
  } catch (error) {
    // What stands before the damaged place is taken.
    if (!(error instanceof RejectedInput)) throw error;
    failure = { error };
  }
  yield* begun();
  if (failure) throw failure.error;
  if (!header) throw new RejectedInput('missing_field', `the file is empty: give a line of columns, ${ID} first`);
}

function rowOf({ line, cells }: TableRecord, header: ResultHeader, counts: string): ResultRow {
  const fields = cells.map(textOf);
  const field = (name: string) => unguarded(fields[header.at.get(name) ?? -1] ?? '');
  const row = { locator: `${counts} ${line}`, materialId: field(ID) };
  try {
    if (fields.length > header.width) {
      const found = `the line has ${fields.length} fields, and there are ${header.width} columns`;
      throw new RejectedInput('bad_syntax', `${found}: write 12.5 for 12,5, and text that holds separators in quotes`);
    }
    return { ...row, result: resultOf(row.materialId, fields, header, field) };
  } catch (error) {
    if (error instanceof RejectedInput) return { ...row, problem: error };
    throw error;
  }
}

function resultOf(
  materialId: string,
  fields: readonly string[],
  { targets, isDecimalComma }: ResultHeader,
  field: (name: string) => string,
): TableResult {
  const values = targets.flatMap(({ target, unit, at, convert }) => {
    const value = numberOf(fields[at] ?? '', `${target} of ${materialId}`, isDecimalComma);
    return value === undefined ? [] : [{ target, value: convert?.(value) ?? value, unit }];
  });
  const [failure, calculation, attempt] = [field(FAILED), field(CALCULATION), numberOf(field(ATTEMPT), ATTEMPT)];
  const hasFailed = failure !== '' && !/^(?:no|false|0)$/i.test(failure);
  if (hasFailed && values.length > 0) {
    const message = `${materialId} has values, and ${quote(failure)} under ${FAILED}: leave one of them empty`;
    throw new RejectedInput('bad_syntax', message);
  }
  const isEmpty = !hasFailed && values.length === 0;
  if (materialId === '' && !isEmpty)
    throw new RejectedInput('missing_field', `${ID} is empty: say what was calculated`);
  return {
    ...{ materialId, values, isEmpty },
    ...(calculation !== '' && { calculation }),
    ...(attempt !== undefined && { attempt }),
    ...(hasFailed && { failure }),
  };
}

/** Undefined for an empty field. */
function numberOf(text: string, what: string, isDecimalComma = false): number | undefined {
  if (text === '') return undefined;
  const hasComma = /^[+-]?\d*,\d+$/.test(text);
  const point = hasComma ? text.replace(',', '.') : text;
  const written = isDecimalComma ? point : text;
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(written)) return Number(written);
  const remedy = hasComma
    ? `has a decimal comma; write ${point}, or say --decimal comma`
    : 'is no number; leave it empty where unknown';
  throw new RejectedInput('bad_number', `${what} is ${quote(text)}, which ${remedy}`);
}

/** A cell as text; empty where a table with types knows nothing. */
function textOf(cell: unknown): string {
  if (cell === undefined || cell === null || (typeof cell === 'number' && Number.isNaN(cell))) return '';
  return String(cell).trim();
}

/** Without the apostrophe that keeps spreadsheets from running a text. */
function unguarded(text: string): string {
  return /^'[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) ? text.slice(1) : text;
}
