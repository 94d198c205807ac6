import { RejectedInput } from '../../model/rejection.ts';
import type { Target, TargetDefinition, TargetValue } from '../../model/target.ts';
import { quote } from '../located-rejection.ts';

/** Cells of a line. */
interface TableRecord {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
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

const [ID, FAILED, NOTES, FILE, ATTEMPT, CALCULATION] = [
  ...(['material_id', 'failed', 'notes', 'file', 'attempt', 'calculation'] as const),
];

/** The columns of a table to fill in; what is to be filled in comes first. */
export function resultColumns(targets: readonly TargetDefinition[]): string[] {
  return [ID, ...targets.map(columnOf), FAILED, NOTES, FILE, ATTEMPT, CALCULATION];
}

function columnOf({ name, unit }: TargetDefinition): string {
  return unit === '' ? name : `${name} (${unit})`;
}

/**
 * The rows of a table of results. Columns may stand in any order; those that are not known are passed over.
 * @throws RejectedInput where the header or the text as a whole cannot be read
 */
export async function* resultRows(
  records: AsyncIterable<TableRecord>,
  targets: readonly TargetDefinition[],
): AsyncGenerator<ResultRow, void, void> {
  let header: Header | undefined;
  for await (const record of records) {
    if (record.cells.every((cell) => cell.trim() === '')) continue;
    if (header) yield rowOf(record, header);
    else header = headerOf(record, targets);
  }
  if (!header) throw new RejectedInput('missing_field', `the file is empty: give a line of columns, ${ID} first`);
}

interface Header {
  readonly width: number;
  readonly at: ReadonlyMap<string, number>;
  readonly targets: readonly { readonly target: Target; readonly unit: string; readonly at: number }[];
}

function headerOf({ cells }: TableRecord, targets: readonly TargetDefinition[]): Header {
  const names = cells.map((cell) => cell.trim());
  const at = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    const key = name.toLowerCase();
    if (key !== '' && at.has(key))
      throw new RejectedInput('bad_syntax', `column ${quote(name)} is given twice: keep one`);
    at.set(key, i);
  }
  const found = targets.flatMap((definition) => {
    const column = names.flatMap((name, i) => {
      const [, target, unit] = /^(\S+?)\s*(?:[([](.*)[)\]])?$/.exec(name) ?? [];
      return target?.toLowerCase() === definition.name ? [{ name, unit, at: i }] : [];
    });
    const [one, other] = column;
    if (other) throw new RejectedInput('bad_syntax', `columns ${quote(one!.name)} and ${quote(other.name)}: keep one`);
    if (one?.unit !== undefined && one.unit.trim() !== definition.unit) {
      const remedy = `give values in ${definition.unit || 'no unit'}, and name the column ${columnOf(definition)}`;
      throw new RejectedInput('out_of_range', `column ${quote(one.name)}: ${remedy}`);
    }
    return one ? [{ target: definition.name, unit: definition.unit, at: one.at }] : [];
  });
  const there = `there are ${names.map((name) => quote(name)).join(', ')}`.slice(0, 500);
  if (!at.has(ID)) throw new RejectedInput('missing_field', `there is no column ${ID}: ${there}`);
  if (found.length === 0 && !at.has(FAILED)) {
    const wanted = [...targets.map(columnOf), FAILED].join(', ');
    throw new RejectedInput('missing_field', `there is none of the columns ${wanted}: ${there}`);
  }
  return { width: names.length, at, targets: found };
}

function rowOf({ line, cells: fields }: TableRecord, header: Header): ResultRow {
  const field = (name: string) => unguarded(fields[header.at.get(name) ?? -1]?.trim() ?? '');
  const row = { locator: `line ${line}`, materialId: field(ID) };
  try {
    if (fields.length > header.width) {
      const counts = `the line has ${fields.length} fields, and there are ${header.width} columns`;
      throw new RejectedInput('bad_syntax', `${counts}: write 12.5 for 12,5, and text that holds separators in quotes`);
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
  { targets }: Header,
  field: (name: string) => string,
): TableResult {
  const values = targets.flatMap(({ target, unit, at }) => {
    const value = numberOf(fields[at]?.trim() ?? '', `${target} of ${materialId}`);
    return value === undefined ? [] : [{ target, value, unit }];
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
function numberOf(text: string, what: string): number | undefined {
  if (text === '') return undefined;
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  const point = text.replace(',', '.');
  const remedy = /^[+-]?\d+,\d+$/.test(text)
    ? `has a decimal comma; write ${point}`
    : 'is no number; leave it empty where unknown';
  throw new RejectedInput('bad_number', `${what} is ${quote(text)}, which ${remedy}`);
}

/** Without the apostrophe that keeps spreadsheets from running a text. */
function unguarded(text: string): string {
  return /^'[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) ? text.slice(1) : text;
}
