import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { InputOptions, InputUnit } from '../../../formats/input-unit.ts';
import { joinedBytes } from '../../../formats/joined-bytes.ts';
import { LocatedRejection } from '../../../formats/located-rejection.ts';
import { RejectedInput, type Rejection } from '../../../model/rejection.ts';
import { aseSqliteUnits, isSqlite } from './ase-sqlite.ts';
import { type CsvRecord, csvRecords, separatorOf } from './csv-records.ts';
import {
  type FileFormat,
  formatOfName,
  formatOfText,
  formatOfXml,
  isTableFormat,
  rowsOrDocument,
} from './file-format.ts';
import { frameUnits } from './frame-units.ts';
import { gunzipped } from './gunzipped.ts';
import { assertPathsExist, type InputFile, inputFiles } from './input-files.ts';
import { entryUnits, openJson } from './json-units.ts';
import { openParquet } from './parquet-rows.ts';
import { PeekedStream } from './peeked-stream.ts';
import { isRunFormat, readRun } from './read-run.ts';
import { rowUnits } from './row-units.ts';
import { type OpenTable, tableUnits } from './table-units.ts';

/** Size limit of a file that is read as a whole, after decompression. */
const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const SNIFF_BYTES = 4096;
/** Enough to reach the second line of a file whose first line is a structure of 20,000 sites. */
const SNIFF_BYTES_MAX = 2 * 1024 * 1024;
const MAGIC_BYTES = 8;
const BOM_BYTES = 3;
const LF = 10;

const FOREIGN: readonly (readonly [string, string])[] = [
  ['\u001f\u008b', 'compressed twice; unpack it once'],
  ['SQLite f', 'an SQLite database, compressed or from a pipe; give the unpacked file'],
  ['ARROW1', 'an Arrow or Feather file; write the table with df.to_parquet'],
  ['PAR1', 'a Parquet file; end its name in .parquet'],
  ['PK\u0003\u0004', 'a zip archive or a spreadsheet; unpack it, or save the spreadsheet as CSV'],
  ['BZh', 'compressed with bzip2; only gzip is read'],
  ['\u00fd7zXZ\u0000', 'compressed with xz; only gzip is read'],
  ['(\u00b5/\u00fd', 'compressed with zstd; only gzip is read'],
];

/**
 * Opens files, folders and standard input (`-`), detects their formats, and yields their content in pieces, in order.
 * It parses nothing: pass each unit to `materialsOf`, in this thread or another. Memory stays below twice
 * DOCUMENT_BYTES_MAX for any input.
 * @throws AppError `input_unreadable` if a path does not exist, before anything is yielded
 */
export async function* openInputs(
  paths: readonly string[],
  options: InputOptions = {},
): AsyncGenerator<InputUnit, void, void> {
  await assertPathsExist(paths);
  const bytesTotal = options.onProgress ? await totalSize(paths) : undefined;
  let bytesRead = 0;
  const onBytes = (count: number) => {
    bytesRead += count;
    options.onProgress?.(bytesRead, bytesTotal);
  };
  for await (const file of inputFiles(paths, options.onSkipped ?? (() => {}))) {
    if (file.leadsOut) {
      const message = 'it is a link that leads out of the folder; name its target beside the folder to read it too';
      yield { kind: 'rejection', rejection: { code: 'unreadable', message, source: file.source } };
      continue;
    }
    const raw =
      file.path === undefined
        ? (options.stdin ?? process.stdin)
        : createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
    yield* unitsOf(file, counted(raw, onBytes), options);
  }
}

/** Opens one file that was found, or that a table names. */
export async function* openInputFile(file: InputFile): AsyncGenerator<InputUnit, void, void> {
  yield* unitsOf(file, createReadStream(file.path!, { highWaterMark: CHUNK_BYTES }), {});
}

async function totalSize(paths: readonly string[]): Promise<number | undefined> {
  let total = 0;
  for await (const { size } of inputFiles(paths, () => {})) {
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** Yields the units of one file. A problem with the file becomes a rejection, after the units that could be read. */
async function* unitsOf(
  file: InputFile,
  raw: AsyncIterable<Uint8Array>,
  options: InputOptions,
): AsyncGenerator<InputUnit, void, void> {
  const position = { line: 0 };
  try {
    yield* openUnits(file, raw, position, options);
  } catch (error) {
    const locator = position.line > 0 ? { locator: `line ${position.line}` } : {};
    yield { kind: 'rejection', rejection: { ...rejectionOf(error, file.source), ...locator } };
  }
}

async function openCsv(
  chunks: AsyncIterable<Uint8Array>,
  head: Buffer,
  position: { line: number },
): Promise<OpenTable> {
  const records = csvRecords(chunks, separatorOf(head.toString('utf8').replace(/^\uFEFF/, '')), position);
  const first = await records.next();
  const isHint = first.value?.cells.length === 2 && /^sep=$/i.test(first.value.cells[0]!);
  const header = isHint ? await records.next() : first;
  if (header.done) throw new RejectedInput('no_sites', 'the table is empty; its first line must hold the titles');
  return { counts: 'line', header: header.value.cells, rows: () => rowsOf(records) };
}

async function* rowsOf(records: AsyncIterable<CsvRecord>) {
  for await (const { line, cells } of records) {
    let size = 0;
    for (const cell of cells) size += 16 + cell.length;
    yield { number: line, cells, size };
  }
}

/** @param position set to the current line once the file is known to hold rows */
async function* openUnits(
  file: InputFile,
  raw: AsyncIterable<Uint8Array>,
  position: { line: number },
  options: InputOptions,
): AsyncGenerator<InputUnit, void, void> {
  const { source } = file;
  const bytes = new PeekedStream(raw);
  let text: PeekedStream | undefined;
  try {
    const magic = await bytes.peek((head) => head.length >= 2);
    text = magic[0] === 0x1f && magic[1] === 0x8b ? new PeekedStream(gunzipped(bytes.chunks())) : bytes;
    const named = formatOfName(basename(file.path ?? ''));
    const isOpen = named === undefined || named === 'csv' || named === 'any-json' || named === 'any-xml';
    const head = await text.peek((seen) => seen.length >= MAGIC_BYTES && (!isOpen || isEnoughToSniff(seen)));
    if (isSqlite(head) && text === bytes && file.size !== undefined) {
      yield* aseSqliteUnits(file);
      return;
    }
    if (named !== 'parquet') rejectForeign(head);
    const format = decideFormat(named, head);
    const chunks = text.chunks(startsWithBom(head) ? BOM_BYTES : 0);
    const asTable = ({ table = {}, onNote = () => {} }: InputOptions) => ({
      ...{ file, options: table, onNote, open: openInputFile },
    });
    if (isTableFormat(format)) {
      const table = format === 'csv' ? await openCsv(chunks, head, position) : await openParquet(file);
      yield* tableUnits(table, asTable(options));
    } else if (format === 'json') {
      const json = await openJson(chunks);
      if (json.kind === 'document') yield { kind: 'document', source, format, bytes: json.bytes, idHint: file.idHint };
      else if (json.frame) yield* tableUnits(json.frame, asTable(options));
      else yield* entryUnits(json.entries, source, file.idHint);
    } else if (format === 'rows') {
      position.line = 1;
      yield* rowUnits(chunks, source, position);
    } else if (format === 'extxyz') {
      yield* frameUnits(chunks, source, file.idHint);
    } else if (isRunFormat(format)) {
      const { idHint } = file;
      yield { kind: 'run', source, idHint, run: await readRun(format, chunks, idHint) };
    } else {
      yield { kind: 'document', source, format, bytes: await readWhole(chunks), idHint: file.idHint };
    }
  } finally {
    await text?.close();
    await bytes.close();
  }
}

function isEnoughToSniff(head: Buffer): boolean {
  return head.length >= SNIFF_BYTES_MAX || (head.length >= SNIFF_BYTES && head.includes(LF));
}

function startsWithBom(head: Buffer): boolean {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
}

/** Rejects input that is certainly not UTF-8 text, with a more helpful reason than a syntax error. */
function rejectForeign(head: Buffer): void {
  if (head.length === 0) throw new RejectedInput('no_sites', 'the input is empty');
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new RejectedInput(
      'bad_encoding',
      'the text is UTF-16; save it as UTF-8, for example with iconv -f utf-16 -t utf-8',
    );
  }
  const start = head.toString('latin1', 0, MAGIC_BYTES);
  const foreign = FOREIGN.find(([magic]) => start.startsWith(magic));
  if (foreign) throw new RejectedInput('unsupported_format', `the file is ${foreign[1]}`);
  if (start.includes('\u0000')) throw new RejectedInput('unsupported_format', 'the file is binary, not text');
}

function decideFormat(
  named: FileFormat | undefined,
  head: Buffer,
): Exclude<FileFormat, 'any-json' | 'any-xml' | 'ase-db'> {
  const text = () => head.toString('utf8').replace(/^\uFEFF/, '');
  const format = named ?? formatOfText(text());
  if (format === 'any-json') return rowsOrDocument(text());
  if (format === 'any-xml') return formatOfXml(text());
  if (format === 'ase-db') throw new RejectedInput('unsupported_format', 'the file is no SQLite database of ASE');
  if (format !== undefined) return format;
  throw new RejectedInput(
    'unsupported_format',
    'neither CIF, POSCAR, pymatgen JSON, JSON lines nor the output of a known code; convert it, for example with ASE',
  );
}

async function readWhole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > DOCUMENT_BYTES_MAX) {
      throw new RejectedInput(
        'too_large',
        `the file has more than ${DOCUMENT_BYTES_MAX} bytes; split it, or write JSON lines, which may be of any length`,
      );
    }
    parts.push(chunk);
  }
  return joinedBytes(parts, size);
}

/**
 * Converts bad input and failures of the disk or pipe to rejections. Any other error is a defect of this program and is
 * thrown again.
 */
function rejectionOf(error: unknown, source: string): Rejection {
  if (error instanceof RejectedInput) {
    const { code, message } = error;
    const { locator, materialId } = error instanceof LocatedRejection ? error : {};
    return { code, message, source, ...(locator && { locator }), ...(materialId && { materialId }) };
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || typeof code !== 'string' || !('syscall' in error)) throw error;
  return { code: 'unreadable', message: `the file cannot be read: ${message}`, source };
}
