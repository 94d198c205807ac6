import { createLattice, determinant3, inverse3, type Lattice } from '../../model/lattice.ts';
import type { RejectionCode } from '../../model/rejection.ts';
import { createStructure, SITES_MAX, type Structure } from '../../model/structure.ts';
import { tooManySites } from '../json-fields.ts';
import { LocatedRejection, locate, quote } from '../located-rejection.ts';
import { speciesAtomicNumber } from '../site-symbol.ts';

/** Fortran writes 0.5, .5, 5., 1E-3 and 1.0D-3. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/;
const NUMBER_CHARACTERS_MAX = 64;
/** The limit of words examined per line: one more than the limit of sites. */
const WORDS_MAX = SITES_MAX + 1;
const COUNT = /^\d{1,9}$/;

/** The lines of a POSCAR, read one after the other. */
interface Cursor {
  readonly text: string;
  offset: number;
  /** The number of the line read last, from 1. */
  line: number;
}

/**
 * Reads a VASP POSCAR or CONTCAR of any version: with or without a line of symbols (`Fe_pv`, `Fe/1a2b3c`), one scale
 * factor, a volume (negative) or three factors, selective dynamics, Direct or Cartesian. Text after the positions
 * (velocities, predictor-corrector) is ignored. Without a line of symbols, the elements come from the comment if it
 * holds exactly as many symbols, otherwise from the ends of the position lines.
 * @throws LocatedRejection
 */
export function parsePoscar(text: string): Structure {
  const cursor: Cursor = { text, offset: 0, line: 0 };
  const comment = nextLine(cursor, 'the comment');
  const scale = readScale(cursor);
  const raw = [0, 1, 2].flatMap(() => numbers(cursor, 3, 'a lattice vector'));
  const factors = scaleFactors(scale, raw, cursor);
  const lattice = locate({ locator: 'line 3' }, () => createLattice(raw.map((x, i) => x * factors[i % 3]!)));
  const { symbols, counts } = readSpecies(cursor);
  const n = counts.reduce((sum, count) => sum + count, 0);
  if (n > SITES_MAX) throw at(cursor, 'too_many_sites', tooManySites(n).message);
  const species = symbols ?? symbolsOfComment(comment, counts.length);
  const { isSelective, isCartesian } = readMode(cursor);
  const atomicNumbers = new Uint8Array(n);
  const coords = new Float64Array(3 * n);
  for (let i = 0, kind = 0, left = counts[0]!; i < n; i++, left--) {
    while (left === 0) left = counts[++kind]!;
    const words = nextLine(cursor, `the position of site ${i + 1} of ${n}`)
      .trim()
      .split(/\s+/, 8);
    for (let k = 0; k < 3; k++) coords[3 * i + k] = toNumber(words[k], cursor, `the position of site ${i + 1}`);
    const symbol = species ? species[kind]! : trailingSymbol(words[isSelective ? 6 : 3], cursor);
    atomicNumbers[i] = locate({ locator: `line ${cursor.line}` }, () => speciesAtomicNumber(symbol, 'symbol'));
  }
  if (isCartesian) toFractional(coords, lattice, factors);
  return createStructure(lattice, atomicNumbers, coords);
}

function at(cursor: Cursor, code: RejectionCode, message: string): LocatedRejection {
  return new LocatedRejection(code, message, { locator: `line ${cursor.line}` });
}

function nextLine(cursor: Cursor, what: string): string {
  if (cursor.offset >= cursor.text.length) {
    throw new LocatedRejection('truncated', `the file ends before ${what}; it is cut short or no POSCAR`, {
      locator: `line ${cursor.line}`,
    });
  }
  const end = cursor.text.indexOf('\n', cursor.offset);
  const line = cursor.text.slice(cursor.offset, end < 0 ? undefined : end);
  cursor.offset = end < 0 ? cursor.text.length : end + 1;
  cursor.line++;
  return line;
}

function isNumber(word: string): boolean {
  return word.length <= NUMBER_CHARACTERS_MAX && NUMBER.test(word);
}

function toNumber(word: string | undefined, cursor: Cursor, what: string): number {
  if (word === undefined || !isNumber(word)) {
    throw at(cursor, 'bad_number', `${what} needs three numbers, but holds ${quote(word ?? '')}`);
  }
  return Number(word.replace(/[dD]/, 'e'));
}

function numbers(cursor: Cursor, count: number, what: string): number[] {
  const words = nextLine(cursor, what).trim().split(/\s+/, count);
  return Array.from({ length: count }, (_, i) => toNumber(words[i], cursor, what));
}

function readScale(cursor: Cursor): number[] {
  const words = nextLine(cursor, 'the scale factor').trim().split(/\s+/, 4);
  const isNumeric = words.map(isNumber);
  // Text may follow a single factor; exactly two numbers are neither one factor nor three.
  const count = isNumeric[0] && isNumeric[1] && isNumeric[2] ? 3 : 1;
  if (!isNumeric[0] || (count === 1 && isNumeric[1])) {
    throw at(
      cursor,
      'bad_syntax',
      `line 2 must hold the scale factor, one number or three, not ${quote(words.join(' '))}`,
    );
  }
  const scale = words.slice(0, count).map((word) => toNumber(word, cursor, 'the scale factor'));
  if (scale.some((s) => s === 0 || (count === 3 && s < 0))) {
    throw at(cursor, 'bad_lattice', `scale factor ${scale.join(' ')}: give one that is not 0, or three above 0`);
  }
  return scale;
}

/** The factors of x, y and z; a negative scale is the cell's volume in Angstrom^3. */
function scaleFactors(scale: readonly number[], raw: readonly number[], cursor: Cursor): number[] {
  if (scale.length === 3) return [...scale];
  const [s] = scale as [number];
  if (s > 0) return [s, s, s];
  const volume = Math.abs(determinant3(raw));
  if (!(volume > 0)) throw at(cursor, 'bad_lattice', 'the lattice vectors lie in one plane');
  const factor = Math.cbrt(-s / volume);
  return [factor, factor, factor];
}

/** Reads the symbols, if any, and as many counts; VASP wraps both lines if there are more than 20. */
function readSpecies(cursor: Cursor): { symbols: string[] | undefined; counts: number[] } {
  const symbols: string[] = [];
  let words = nextLine(cursor, 'the line of symbols or counts').trim().split(/\s+/, WORDS_MAX);
  while (!COUNT.test(words[0]!)) {
    if (words[0] === '' || !/^[A-Za-z]/.test(words[0]!) || symbols.length > SITES_MAX) {
      throw at(cursor, 'bad_syntax', `expected element symbols or counts, not ${quote(words.join(' '))}`);
    }
    for (const word of words) symbols.push(word.split(/[_/]/, 1)[0]!);
    words = nextLine(cursor, 'the line of counts').trim().split(/\s+/, WORDS_MAX);
  }
  const counts: number[] = [];
  for (;;) {
    for (const word of words) {
      if (!COUNT.test(word)) break;
      counts.push(Number(word));
    }
    if (symbols.length === 0 || counts.length >= symbols.length) break;
    words = nextLine(cursor, 'the line of counts').trim().split(/\s+/, WORDS_MAX);
    if (!COUNT.test(words[0]!)) break;
  }
  if (symbols.length > 0 && counts.length !== symbols.length) {
    throw at(cursor, 'bad_syntax', `${symbols.length} symbols, but ${counts.length} counts; they must match`);
  }
  if (counts.every((count) => count === 0))
    throw at(cursor, 'no_sites', 'all counts are 0; give the number of each element');
  return { symbols: symbols.length > 0 ? symbols : undefined, counts };
}

function readMode(cursor: Cursor): { isSelective: boolean; isCartesian: boolean } {
  let mode = nextLine(cursor, 'Direct or Cartesian').trim();
  const isSelective = /^s/i.test(mode);
  if (isSelective) mode = nextLine(cursor, 'Direct or Cartesian').trim();
  if (!/^[dck]/i.test(mode)) throw at(cursor, 'bad_syntax', `expected Direct or Cartesian, not ${quote(mode)}`);
  return { isSelective, isCartesian: !/^d/i.test(mode) };
}

function isElement(word: string): boolean {
  try {
    return speciesAtomicNumber(word, 'symbol') > 0;
  } catch {
    return false;
  }
}

/** VASP 4 names the elements in the comment by convention only, so it must hold exactly one symbol for each count. */
function symbolsOfComment(comment: string, count: number): string[] | undefined {
  const words = comment.trim().split(/\s+/, count + 1);
  return words.length === count && words.every(isElement) ? words : undefined;
}

function trailingSymbol(word: string | undefined, cursor: Cursor): string {
  if (word !== undefined && isElement(word)) return word;
  throw at(
    cursor,
    'missing_field',
    'the file names no elements; put their symbols in a line of their own above the counts (VASP 5 format)',
  );
}

/** Converts in place; the scale factors apply to Cartesian positions too. */
function toFractional(coords: Float64Array, lattice: Lattice, factors: readonly number[]): void {
  const inverse = inverse3(lattice.matrix);
  for (let i = 0; i < coords.length; i += 3) {
    const [x, y, z] = [coords[i]! * factors[0]!, coords[i + 1]! * factors[1]!, coords[i + 2]! * factors[2]!];
    for (let k = 0; k < 3; k++) coords[i + k] = x * inverse[k]! + y * inverse[3 + k]! + z * inverse[6 + k]!;
  }
}
