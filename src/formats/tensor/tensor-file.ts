import {
  createElasticTensor,
  type ElasticTensor,
  gigapascalFromKilobar,
  type TensorOrder,
  voigtFromVasp,
} from '../../model/elastic-tensor.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { voigtFromFull } from '../databases/full-tensor.ts';

export interface TensorFileOptions {
  readonly order: TensorOrder;
  readonly unit: 'GPa' | 'kbar';
}

/** The content of a file before and after symmetrisation. */
export interface TensorFile {
  /** Float64Array[36], row-major, Voigt order, GPa, as the file gives it. */
  readonly raw: Float64Array;
  readonly tensor: ElasticTensor;
}

const ONE_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?$/;
/** Far more than 36 numbers need; a longer line is rejected before it is split. */
const LINE_CHARACTERS_MAX = 10_000;
const LAYOUTS = 'write 6 lines of 6 numbers, or an upper triangle of 6, 5, 4, 3, 2, 1';

/**
 * Reads an elastic tensor: text with 6 lines of 6 numbers, a triangle of 21, `#` comments; or JSON, a bare 6 x 6
 * array, an object with `elastic_tensor` (6 x 6, or `{raw}` as in emmet's documents), or pymatgen's `ElasticTensor`.
 * @throws RejectedInput whose message starts with the place (`line 3: `, `entry [2][5]: `)
 */
export function parseTensorFile(text: string, { order, unit }: TensorFileOptions): TensorFile {
  const values = /^\s*[[{]/.test(text) ? parseJson(text) : parseText(text);
  const ordered = order === 'vasp' ? voigtFromVasp(values) : Float64Array.from(values);
  const raw = unit === 'kbar' ? ordered.map(gigapascalFromKilobar) : ordered;
  return { raw, tensor: createElasticTensor(raw) };
}

interface NumberLine {
  readonly line: number;
  readonly numbers: readonly number[];
}

function parseText(text: string): number[] {
  const lines = numberLines(text);
  if (lines.length === 0) throw new RejectedInput('missing_field', `no numbers: ${LAYOUTS}`);
  const counts = lines.map(({ numbers }) => numbers.length).join(' ');
  const all = lines.flatMap(({ numbers }) => numbers);
  if (counts === '6 6 6 6 6 6' || counts === '36') return all;
  if (counts === '6 5 4 3 2 1' || counts === '21') return fromTriangle(all, 'upper');
  if (counts === '1 2 3 4 5 6') return fromTriangle(all, 'lower');
  throw badLayout(lines);
}

/** The lines that hold numbers, up to the first line too many, so that a file of millions of lines costs no more. */
function numberLines(text: string): NumberLine[] {
  const lines: NumberLine[] = [];
  let line = 0;
  for (const [content] of text.matchAll(/[^\r\n]*(\r\n|\r|\n|$)/g)) {
    line++;
    const given = content.replace(/#.*/, '');
    if (given.length > LINE_CHARACTERS_MAX) {
      throw new RejectedInput('bad_syntax', `line ${line}: over ${LINE_CHARACTERS_MAX} characters: ${LAYOUTS}`);
    }
    const words = given.split(/[\s,;]+/).filter((word) => word !== '');
    if (words.length === 0) continue;
    const at = line;
    lines.push({ line, numbers: words.map((word) => parseNumber(word, at)) });
    if (lines.length > 6) break;
  }
  return lines;
}

function parseNumber(word: string, line: number): number {
  // Number() would also accept 0x10, Infinity and an empty word; Fortran writes exponents with D.
  if (ONE_NUMBER.test(word)) return Number(word.replace(/[dD]/, 'e'));
  const advice = /^[A-Za-z]{2}$/.test(word) ? 'leave the row and column labels out' : 'replace it by a number';
  throw new RejectedInput('bad_number', `line ${line}: ${quote(word)} is not a number: ${advice}`);
}

function badLayout(lines: readonly NumberLine[]): RejectedInput {
  const wrong = lines.findIndex(({ numbers }, i) => i >= 6 || numbers.length !== 6);
  const at = lines[wrong];
  if (at === undefined) return new RejectedInput('truncated', `${lines.length} lines of numbers: ${LAYOUTS}`);
  const what =
    wrong >= 6
      ? 'a seventh line of numbers'
      : `${at.numbers.length === 1 ? '1 number' : `${at.numbers.length} numbers`} instead of 6`;
  return new RejectedInput('bad_syntax', `line ${at.line}: ${what}: ${LAYOUTS}`);
}

function fromTriangle(numbers: readonly number[], which: 'upper' | 'lower'): number[] {
  const full = new Array<number>(36).fill(0);
  let next = 0;
  for (let i = 0; i < 6; i++) {
    const [from, to] = which === 'upper' ? [i, 6] : [0, i + 1];
    for (let j = from; j < to; j++, next++) {
      full[6 * i + j] = numbers[next]!;
      full[6 * j + i] = numbers[next]!;
    }
  }
  return full;
}

function parseJson(text: string): number[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    // V8's message quotes the surrounding text, including line breaks.
    const message = (error as Error).message.replace(/\s+/g, ' ');
    throw new RejectedInput('bad_syntax', `line ${jsonErrorLine(text)}: not valid JSON: ${message}`);
  }
  return readMatrix(findMatrix(document));
}

/** The first line at which the text can no longer begin a JSON document; V8 often does not report it. */
function jsonErrorLine(text: string): number {
  const lines = text.split('\n');
  let [low, high] = [1, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBrokenJson(lines.slice(0, middle).join('\n'))) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether no continuation of the prefix could be valid JSON. */
function isBrokenJson(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return false;
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    const atEnd = /end of JSON input|Unterminated string/.test(message) || Number(position) >= prefix.length;
    return !atEnd;
  }
}

function findMatrix(document: unknown): unknown {
  if (Array.isArray(document)) return document;
  const { elastic_tensor: tensor, input_array: array } = document as {
    elastic_tensor?: unknown;
    input_array?: unknown;
  };
  if (array !== undefined) return voigtFromFull(array);
  if (tensor === undefined || tensor === null) {
    throw new RejectedInput('missing_field', 'the JSON object has no elastic_tensor: give it a 6 x 6 array or {raw}');
  }
  if (Array.isArray(tensor)) return tensor;
  const { raw, input_array: inner } = tensor as { raw?: unknown; input_array?: unknown };
  if (inner !== undefined) return voigtFromFull(inner);
  if (raw !== undefined && raw !== null) return raw;
  throw new RejectedInput('missing_field', 'elastic_tensor has no raw (ieee_format is rounded to whole GPa): add raw');
}

/**
 * The 36 numbers of a 6 x 6 JSON array, row by row.
 * @throws RejectedInput `bad_syntax`, `bad_number`
 */
export function readMatrix(matrix: unknown): number[] {
  if (!Array.isArray(matrix) || matrix.length !== 6) {
    const found = Array.isArray(matrix) ? `an array of ${matrix.length}` : typeof matrix;
    throw new RejectedInput('bad_syntax', `the tensor is ${found}: write an array of 6 rows of 6 numbers`);
  }
  return matrix.flatMap((row: unknown, i) => {
    if (!Array.isArray(row) || row.length !== 6) {
      const found = Array.isArray(row) ? `${row.length} entries` : typeof row;
      throw new RejectedInput('bad_syntax', `row [${i}]: ${found} instead of an array of 6 numbers`);
    }
    return row.map((value: unknown, j) => {
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      // Never stringify a value that may be nested a million levels deep.
      const found = typeof value === 'object' && value !== null ? 'a list or object' : quote(String(value));
      throw new RejectedInput('bad_number', `entry [${i}][${j}]: ${found} is not a finite number: replace it`);
    });
  });
}

/** A value from the file, safe to print on one line of a terminal. */
function quote(text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}...` : text);
}
