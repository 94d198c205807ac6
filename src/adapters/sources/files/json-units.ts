import type { EntriesUnit } from '../../../formats/input-unit.ts';
import { EntryScanner, type ScannedEntry } from '../../../formats/json/entry-scanner.ts';
import { isJsonObject, parseJson } from '../../../formats/json-fields.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import type { OpenTable } from './table-units.ts';

/** A document that is read whole. */
const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024;
/** As of a line of JSON lines: 20,000 sites with all digits take 2 MiB. */
const ENTRY_BYTES_MAX = 16 * 1024 * 1024;
const UNIT = { entries: 256, bytes: 64 * 1024 };

/** A JSON document: read whole, or a list whose entries are read on demand. */
export type OpenJson =
  | { readonly kind: 'document'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'list'; readonly entries: AsyncIterable<NumberedEntry>; readonly frame?: OpenTable };

interface NumberedEntry {
  readonly number: number;
  readonly entry: ScannedEntry;
}

/** @throws RejectedInput `too_large`, `bad_syntax` */
export async function openJson(chunks: AsyncIterable<Uint8Array>): Promise<OpenJson> {
  const scanner = new EntryScanner({ entryBytesMax: ENTRY_BYTES_MAX, headBytesMax: DOCUMENT_BYTES_MAX });
  const rest = chunks[Symbol.asyncIterator]();
  let first: ScannedEntry[] = [];
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    first = [...scanner.push(next.value)];
    if (scanner.hasList) break;
  }
  if (!scanner.hasList) return { kind: 'document', bytes: scanner.head };
  const entries = entriesOf(scanner, first, rest);
  const frame = frameOf(scanner.head, entries);
  return { kind: 'list', entries, ...(frame && { frame }) };
}

/** @throws RejectedInput `truncated` after the last entry of a list that is cut short, `no_sites` for an empty one */
async function* entriesOf(
  scanner: EntryScanner,
  first: readonly ScannedEntry[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<NumberedEntry, void, void> {
  let number = 0;
  for (const entry of first) yield { number: ++number, entry };
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    for (const entry of scanner.push(next.value)) yield { number: ++number, entry };
  }
  if (!scanner.isComplete) {
    throw new RejectedInput(
      'truncated',
      `the list ends early, after entry ${number}; what stood before is kept; fetch the file again`,
    );
  }
  if (number === 0) throw new RejectedInput('no_sites', 'the file holds an empty list; expected structures');
}

/** A DataFrame as pandas writes it with orient='split': `{columns, index, data}`. */
function frameOf(head: Uint8Array, entries: AsyncIterable<NumberedEntry>): OpenTable | undefined {
  const text = new TextDecoder().decode(head);
  if (!text.trimStart().startsWith('{')) return undefined;
  const before = parseJson(`${text}]}`);
  if (!isJsonObject(before) || !Array.isArray(before.columns)) return undefined;
  const titles = (before.columns as unknown[]).map(String);
  // An index of numbers only counts the rows.
  const names =
    Array.isArray(before.index) && typeof before.index[0] === 'string' ? (before.index as unknown[]) : undefined;
  return {
    counts: 'row',
    header: names ? ['', ...titles] : titles,
    rows: () => frameRows(entries, names),
  };
}

async function* frameRows(entries: AsyncIterable<NumberedEntry>, names: readonly unknown[] | undefined) {
  for await (const { number, entry } of entries) {
    const cells = entry === undefined ? [] : cellsOf(entry);
    yield { number, cells: names ? [names[number - 1], ...cells] : cells, size: entry?.length ?? 0 };
  }
}

/** Without cells, the row is rejected as one of another width than the table. */
function cellsOf(entry: Uint8Array): unknown[] {
  try {
    const cells = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(entry));
    return Array.isArray(cells) ? (cells as unknown[]) : [];
  } catch {
    return [];
  }
}

/** Groups entries into units about as large as chunks of a file. */
export async function* entryUnits(
  entries: AsyncIterable<NumberedEntry>,
  source: string,
  idHint: string,
): AsyncGenerator<EntriesUnit, void, void> {
  let [batch, size]: [NumberedEntry[], number] = [[], 0];
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const one of entries) {
      batch.push(one);
      size += one.entry?.length ?? 0;
      if (batch.length < UNIT.entries && size < UNIT.bytes) continue;
      yield { kind: 'entries', source, idHint, entries: batch, size };
      [batch, size] = [[], 0];
    }
  } catch (error) {
    failure = { error };
  }
  if (batch.length > 0) yield { kind: 'entries', source, idHint, entries: batch, size };
  if (failure) throw failure.error;
}
