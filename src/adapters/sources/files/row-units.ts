import type { InputUnit } from '../../../formats/input-unit.ts';

const LF = 10;
/** 20,000 sites with all digits take 2 MiB. A line above this limit is no structure and must not be kept in memory. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Cuts a stream into units of whole lines, about as large as its chunks. A line longer than LINE_BYTES_MAX becomes a
 * rejection and is not kept in memory. If the stream fails, the complete lines before the failure are yielded.
 * @param position the number of the next line, kept up to date for the caller
 */
export async function* rowUnits(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  position: { line: number },
): AsyncGenerator<InputUnit, void, void> {
  let carry: Uint8Array[] = [];
  let carried = 0;
  let isSkipping = false;
  const keep = (part: Uint8Array) => {
    if (isSkipping) return;
    carry.push(part);
    carried += part.length;
    if (carried > LINE_BYTES_MAX) {
      isSkipping = true;
      carry = [];
      carried = 0;
    }
  };
  const take = (part: Uint8Array): InputUnit => {
    const bytes = new Uint8Array(carried + part.length);
    let at = 0;
    for (const piece of [...carry, part]) {
      bytes.set(piece, at);
      at += piece.length;
    }
    carry = [];
    carried = 0;
    const firstLine = position.line;
    for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) position.line++;
    return { kind: 'rows', source, firstLine, bytes };
  };
  for await (const chunk of chunks) {
    let rest = chunk;
    const firstEnd = rest.indexOf(LF) + 1;
    if (firstEnd > 0 && (isSkipping || carried + firstEnd > LINE_BYTES_MAX)) {
      yield tooLong(source, position.line++);
      [carry, carried, isSkipping] = [[], 0, false];
      rest = rest.subarray(firstEnd);
    }
    const end = rest.lastIndexOf(LF) + 1;
    if (end > 0) yield take(rest.subarray(0, end));
    if (end < rest.length) keep(rest.subarray(end));
  }
  if (isSkipping) yield tooLong(source, position.line);
  else if (carried > 0) yield take(new Uint8Array());
}

function tooLong(source: string, line: number): InputUnit {
  const message = `the line has more than ${LINE_BYTES_MAX} bytes; write one structure to a line`;
  return { kind: 'rejection', rejection: { code: 'too_large', message, source, locator: `line ${line}` } };
}
