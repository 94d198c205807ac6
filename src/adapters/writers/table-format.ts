import { CSV, JSON_LINES, type RowText } from './row-text.ts';

export const OUTPUT_FORMATS = ['jsonl', 'csv', 'parquet'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];
/** What the name of an output says. */
export const FORMATS_BY_EXTENSION: Readonly<Record<string, OutputFormat>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  parquet: 'parquet',
};

const TEXT_FORMATS: Readonly<Record<'jsonl' | 'csv', RowText>> = { jsonl: JSON_LINES, csv: CSV };

export function textFormat(format: OutputFormat): RowText | undefined {
  return format === 'parquet' ? undefined : TEXT_FORMATS[format];
}
