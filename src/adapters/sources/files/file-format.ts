import type { DocumentFormat } from '../../../formats/input-unit.ts';
import { poscarHead } from '../../../formats/poscar/poscar-head.ts';

/** The format of a file, by its name or first bytes. `any-json` is one JSON document or JSON lines. */
export type FileFormat = DocumentFormat | 'rows' | 'any-json' | TableFormat;

/** Tables are read where they are named. In a folder they are passed over: it may hold what elastream has written. */
type TableFormat = 'csv' | 'parquet';

export function isTableFormat(format: FileFormat | undefined): format is TableFormat {
  return format === 'csv' || format === 'parquet';
}

const EXTENSIONS: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.cif$/i, 'cif'],
  [/\.(?:jsonl|ndjson)$/i, 'rows'],
  [/\.json$/i, 'any-json'],
  [/\.(?:poscar|vasp)$/i, 'poscar'],
  [/\.(?:csv|tsv)$/i, 'csv'],
  [/\.parquet$/i, 'parquet'],
];
const VASP_NAME = /^(?:POSCAR|CONTCAR)/;

/** Returns the format for a file's name, with or without `.gz`. */
export function formatOfName(fileName: string): FileFormat | undefined {
  const name = fileName.replace(/\.gz$/i, '');
  const byExtension = EXTENSIONS.find(([pattern]) => pattern.test(name))?.[1];
  return byExtension ?? (VASP_NAME.test(name) ? 'poscar' : undefined);
}

/** Returns the name without `.gz` and without the extension of its format. */
export function stemOf(fileName: string): string {
  const name = fileName.replace(/\.gz$/i, '');
  const extension = EXTENSIONS.find(([pattern]) => pattern.test(name))?.[0];
  return extension === undefined ? name : name.replace(extension, '') || name;
}

/** True if the file is called just POSCAR or CONTCAR, so that its folder names the material. */
export function isNamedByFolder(fileName: string): boolean {
  return /^(?:POSCAR|CONTCAR)$/.test(stemOf(fileName));
}

/**
 * Returns the format that a text shows.
 * @param head the first part of the text, or all of it
 */
export function formatOfText(head: string): FileFormat | undefined {
  const first = head.trimStart()[0];
  if (first === '{') return rowsOrDocument(head);
  if (first === '[') return 'json';
  if (/^#\\#CIF|^[ \t]*data_/im.test(head)) return 'cif';
  return poscarHead(head) ? 'poscar' : undefined;
}

/** How replies of databases and DataFrames begin. */
const LIST_OF_ROWS = /^\s*\{\s*"(?:(?:data|columns|index)"\s*:\s*\[|(?:meta|links|schema|material_id)"\s*:\s*\{)/;

/**
 * Tells rows from a document. Rows: a second object starts on the next line, or the only line has a `material_id`. A
 * document spans several lines or has no id.
 */
export function rowsOrDocument(head: string): 'rows' | 'json' {
  if (!head.trimStart().startsWith('{') || LIST_OF_ROWS.test(head)) return 'json';
  const [first, second] = head.split('\n', 1000).filter((line) => line.trim() !== '');
  if (second?.trimStart().startsWith('{')) return 'rows';
  return second === undefined && first!.includes('"material_id"') ? 'rows' : 'json';
}
