import type { DocumentFormat } from '../../../formats/input-unit.ts';
import { poscarHead } from '../../../formats/poscar/poscar-head.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import type { RunFormat } from './read-run.ts';

/** The format of a file, by its name or first bytes. `any-json` is one JSON document or JSON lines, `any-xml` the XML of VASP or pw.x. */
export type FileFormat = DocumentFormat | RunFormat | 'rows' | 'extxyz' | 'any-json' | 'any-xml' | TableFormat;

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
  [/\.(?:ext)?xyz$/i, 'extxyz'],
  [/\.xml$/i, 'any-xml'],
  [/\.pwo$|(?<=^pw.*)\.out$/i, 'pw-output'],
];
const NAMES: readonly (readonly [RegExp, FileFormat])[] = [
  [/^(?:POSCAR|CONTCAR)/, 'poscar'],
  [/^OUTCAR/, 'outcar'],
  [/^vasprun/, 'any-xml'],
];

/** Returns the format for a file's name, with or without `.gz`. */
export function formatOfName(fileName: string): FileFormat | undefined {
  const name = fileName.replace(/\.gz$/i, '');
  const byExtension = EXTENSIONS.find(([pattern]) => pattern.test(name))?.[1];
  return byExtension ?? NAMES.find(([pattern]) => pattern.test(name))?.[1];
}

/** Returns the name without `.gz` and without the extension of its format. */
export function stemOf(fileName: string): string {
  const name = fileName.replace(/\.gz$/i, '');
  const extension = EXTENSIONS.find(([pattern]) => pattern.test(name))?.[0];
  return extension === undefined ? name : name.replace(extension, '') || name;
}

const INPUTS: readonly string[] = ['POSCAR', 'CONTCAR'];
/** What programs call their outputs, the one that says most of a run first. */
const OUTPUTS: readonly string[] = ['OUTCAR', 'vasprun', 'pw', 'espresso', 'pwscf', 'data-file-schema'];

/** True if the file is called as its program calls it (POSCAR, OUTCAR), so that its folder names the material. */
export function isNamedByFolder(fileName: string): boolean {
  const stem = stemOf(fileName);
  return INPUTS.includes(stem) || OUTPUTS.includes(stem);
}

/**
 * Returns the names of a folder that are not read, because another file there says the same and more: the input of a
 * run whose output is there, the shorter of two outputs, and pw.x's copy of its XML.
 */
export function saidElsewhere(names: readonly string[]): ReadonlySet<string> {
  const stems = new Set(names.filter(isNamedByFolder).map(stemOf));
  const output = OUTPUTS.find((stem) => stems.has(stem));
  const redundant = names.filter((name) => {
    if (name.endsWith('.save')) return names.includes(name.replace(/\.save$/, '.xml'));
    return output !== undefined && isNamedByFolder(name) && stemOf(name) !== output;
  });
  return new Set(redundant);
}

/**
 * Returns the format that a text shows.
 * @param head the first part of the text, or all of it
 */
export function formatOfText(head: string): FileFormat | undefined {
  const first = head.trimStart()[0];
  if (first === '{') return rowsOrDocument(head);
  if (first === '[') return 'json';
  if (first === '<') return 'any-xml';
  if (/^\s*vasp\.\d/.test(head)) return 'outcar';
  if (/^\s*\d+[ \t]*\r?\n[^\n]*\b(?:Lattice|Properties)=/.test(head)) return 'extxyz';
  if (/^\s*Program PWSCF v/.test(head)) return 'pw-output';
  if (/^#\\#CIF|^[ \t]*data_/im.test(head)) return 'cif';
  return poscarHead(head) ? 'poscar' : undefined;
}

/** Which program wrote an XML, by its root. */
export function formatOfXml(head: string): 'vasprun' | 'pw-xml' {
  if (/<!DOCTYPE/i.test(head)) {
    throw new RejectedInput(
      'unsupported_format',
      'the XML has a DOCTYPE, which no DFT code writes; give its own output',
    );
  }
  if (/<modeling[\s>]/.test(head)) return 'vasprun';
  if (/<(?:qes:)?espresso[\s>]/.test(head)) return 'pw-xml';
  const remedy = 'VASP writes <modeling>, pw.x <qes:espresso>';
  throw new RejectedInput('unsupported_format', `the XML is not from a known code: ${remedy}`);
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
