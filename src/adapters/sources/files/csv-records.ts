import { isUtf8 } from 'node:buffer';
import { type CsvError, parse } from 'csv-parse';
import { RejectedInput } from '../../../model/rejection.ts';

/** A structure of 20,000 sites with all digits takes 2 MiB; what is longer is no row. */
const RECORD_BYTES_MAX = 16 * 1024 * 1024;
const SEPARATORS = [',', ';', '\t', '|'] as const;
const LINES_COMPARED = 5;
const LF = 10;

/** Cells of a line of text, or of several where a quoted cell holds line ends. */
export interface CsvRecord {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads separated values: quotes, line ends of any kind and empty lines as usual. What stands before a damaged place is
 * yielded before the error.
 * @param position the line at which the next record begins, kept up to date for the caller
 * @throws RejectedInput `bad_encoding`, `too_large`, `truncated`, `bad_syntax`
 */
export async function* csvRecords(
  chunks: AsyncIterable<Uint8Array>,
  separator: string,
  position: { line: number },
): AsyncGenerator<CsvRecord, void, void> {
  let records: CsvRecord[] = [];
  const parser = parse({
    delimiter: separator,
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: RECORD_BYTES_MAX,
    // Taken here, because a stream that fails drops the records that it has not passed on.
    on_record: (cells: string[], { lines }) => {
      records.push({ line: lines - lineEndsIn(cells), cells });
      return null;
    },
  });
  let failure: CsvError | undefined;
  parser.on('error', (error) => {
    failure ??= error as CsvError;
  });
  function* taken() {
    const ready = records;
    records = [];
    for (const record of ready) {
      position.line = record.line;
      yield record;
    }
    if (failure !== undefined) throw rejectionOf(failure);
  }
  try {
    for await (const chunk of utf8(chunks)) {
      await new Promise<void>((resolve) => void parser.write(chunk, () => resolve()));
      yield* taken();
    }
    parser.resume();
    await new Promise<void>((resolve) => {
      parser.once('close', resolve);
      parser.end();
    });
    yield* taken();
  } catch (error) {
    position.line = parser.info.lines + (failure === undefined ? 1 : 0);
    throw error;
  } finally {
    parser.destroy();
  }
}

/** The records of a text, separated as its first lines show. @throws RejectedInput as `csvRecords` */
export async function* csvOfText(text: string): AsyncGenerator<CsvRecord, void, void> {
  async function* chunks() {
    yield Buffer.from(text);
  }
  const position = { line: 0 };
  try {
    yield* csvRecords(chunks(), separatorOf(text.replace(/^\uFEFF/, '')), position);
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    throw new RejectedInput(error.code, `line ${position.line}: ${error.message}`);
  }
}

function lineEndsIn(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) count++;
  return count;
}

/**
 * Yields the bytes as long as they are UTF-8 text, up to the last whole line before those that are not.
 * @throws RejectedInput `bad_encoding`
 */
async function* utf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const isText = (chunk?: Uint8Array) => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
      return chunk?.includes(0) !== true;
    } catch {
      return false;
    }
  };
  for await (const chunk of chunks) {
    if (!isText(chunk)) {
      const good = goodLines(chunk);
      yield chunk.subarray(0, good);
      throw chunk.subarray(good).includes(0) ? HOLDS_NUL : NOT_UTF8;
    }
    yield chunk;
  }
  if (!isText()) throw NOT_UTF8;
}

const NOT_UTF8 = new RejectedInput(
  'bad_encoding',
  'the text is not UTF-8; save the table as UTF-8, for example with iconv -f latin1 -t utf-8',
);
const HOLDS_NUL = new RejectedInput('bad_encoding', 'the text holds a NUL byte, so it is no table; save it anew');

/** The length of the lines at the beginning that are UTF-8 without NUL bytes. */
function goodLines(chunk: Uint8Array): number {
  let start = 0;
  for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
    const line = chunk.subarray(start, end);
    if (line.includes(0) || !isUtf8(line)) break;
    start = end + 1;
  }
  return start;
}

function rejectionOf({ code, message }: CsvError): RejectedInput {
  if (code === 'CSV_MAX_RECORD_SIZE') {
    const reason = `a row has more than ${RECORD_BYTES_MAX} bytes, or a quote that opens is never closed`;
    return new RejectedInput('too_large', `${reason}; correct it from this line on`);
  }
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return new RejectedInput('truncated', 'a quote that opens is never closed; fetch the file again, or close it');
  }
  return new RejectedInput('bad_syntax', `not a table of separated values: ${message}`);
}

/** The character between cells: the one that stands equally often in the first lines, outside of quotes. */
export function separatorOf(head: string): string {
  const said = /^sep=(.)\r?\n/i.exec(head)?.[1];
  if (said !== undefined) return said;
  const lines = head.replace(/"(?:[^"]|"")*"/g, '""').split(/\r\n|\n|\r/, LINES_COMPARED + 1);
  const whole = lines.length > LINES_COMPARED ? lines.slice(0, LINES_COMPARED) : lines;
  const filled = whole.filter((line) => line.trim() !== '');
  const scores = SEPARATORS.map((separator) => {
    const [first = 0, ...others] = filled.map((line) => line.split(separator).length - 1);
    return { separator, first, alike: first === 0 ? -1 : others.filter((n) => n === first).length };
  });
  const [best] = scores.sort((a, b) => b.alike - a.alike || b.first - a.first);
  return best!.separator;
}
