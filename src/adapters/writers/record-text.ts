import type { Cell, RecordColumn } from '../../model/record-column.ts';
import { csvField } from './row-text.ts';

/** A text format with one record per line. */
export interface RecordText {
  /** Text before the first record. */
  header(columns: readonly RecordColumn[]): string;
  /** One record with its line end; cells in the order of the columns. */
  record(columns: readonly RecordColumn[], cells: readonly Cell[]): string;
}

/** Comma-separated values, as in row-text.ts. An unknown value is an empty field. */
const csv: RecordText = {
  header: (columns) => `${columns.map(({ name }) => csvField(name)).join(',')}\n`,
  record: (_, cells) => `${cells.map(csvCell).join(',')}\n`,
};

/** JSON lines: one object per record. An unknown value is null. */
const jsonl: RecordText = {
  header: () => '',
  record: (columns, cells) => `${JSON.stringify(Object.fromEntries(columns.map(({ name }, i) => [name, cells[i]])))}\n`,
};

export const RECORD_TEXTS: Readonly<Record<'csv' | 'jsonl', RecordText>> = { csv, jsonl };

function csvCell(cell: Cell): string {
  if (typeof cell === 'string') return csvField(cell);
  return Number.isFinite(cell) ? String(cell) : '';
}
