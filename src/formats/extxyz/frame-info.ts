import { RejectedInput } from '../../model/rejection.ts';
import { quote } from '../located-rejection.ts';

const PAIRS_MAX = 10_000;
/** A key, and after `=` a value in quotes, brackets or neither. */
const PAIR = /("[^"]*"|[^\s="]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\{[^}]*\}|\[[^\]]*\]|[^\s]*))?/gy;
const SPACE = /\s*/y;

/**
 * Reads the comment line of an extended XYZ frame: `Lattice="..." Properties=species:S:1:pos:R:3 energy=-1.5 relaxed`.
 * Values keep their text, without quotes or braces; a bare word is `T`.
 * @throws RejectedInput `bad_syntax`
 */
export function frameInfo(comment: string): Map<string, string> {
  const info = new Map<string, string>();
  for (let at = 0; at < comment.length; ) {
    SPACE.lastIndex = at;
    at += SPACE.exec(comment)![0].length;
    if (at >= comment.length) break;
    PAIR.lastIndex = at;
    const [whole, key, value] = PAIR.exec(comment) ?? [];
    if (whole === undefined || whole === '' || info.size >= PAIRS_MAX) {
      throw new RejectedInput(
        'bad_syntax',
        `the comment line is no list of key=value at ${quote(comment.slice(at, at + 60))}`,
      );
    }
    if (/^["'{[]/.test(value ?? '') && !/["'}\]]$/.test(value!)) {
      throw new RejectedInput('bad_syntax', `${key}= has a quote or bracket that never closes`);
    }
    const name = key!.replace(/^"|"$/g, '');
    if (!info.has(name)) info.set(name, value === undefined ? 'T' : value.replace(/^["'{]|["'}]$/g, ''));
    at += whole.length;
  }
  return info;
}

/** Where the columns of a frame's lines are. */
export interface Columns {
  readonly species: number;
  /** Whether the species are atomic numbers. */
  readonly isNumber: boolean;
  readonly positions: number;
  readonly count: number;
}

/** @throws RejectedInput `bad_syntax`, `missing_field` */
export function columnsOf(properties: string): Columns {
  const fields = properties.split(':');
  if (fields.length % 3 !== 0 || fields.length > PAIRS_MAX) {
    throw new RejectedInput('bad_syntax', `Properties=${quote(properties)} is no list of name:type:columns`);
  }
  let [species, positions, numbers, count] = [-1, -1, -1, 0];
  for (let i = 0; i < fields.length; i += 3) {
    const [name, width] = [fields[i]!.toLowerCase(), Number(fields[i + 2])];
    if (!Number.isInteger(width) || width < 1 || count + width > PAIRS_MAX) {
      throw new RejectedInput('bad_syntax', `Properties= gives ${quote(fields[i])} ${quote(fields[i + 2])} columns`);
    }
    if (name === 'species') species = count;
    else if ((name === 'pos' || name === 'positions') && width === 3) positions = count;
    else if (name === 'z' || name === 'numbers' || name === 'atomic_numbers') numbers = count;
    count += width;
  }
  if (positions < 0 || (species < 0 && numbers < 0)) {
    throw new RejectedInput('missing_field', `Properties=${quote(properties)} has no species:S:1 or no pos:R:3`);
  }
  const isNumber = species < 0;
  return { species: isNumber ? numbers : species, isNumber, positions, count };
}
