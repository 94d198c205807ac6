import { RejectedInput } from '../model/rejection.ts';
import { quote } from './located-rejection.ts';

/** One number as Fortran writes it: `0.5`, `.5`, `5.`, `-.265E+00`, `1.0D-3`. */
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d{1,3})?/y;
const NO_NUMBER = /^[+-]?(?:nan|inf(?:inity)?)$/i;
const WORD_CHARACTERS_MAX = 512;

/**
 * Returns the first numbers of a line of Fortran output. Columns that touch (`1.234-5.678`) are told apart where a sign
 * shows the border and both numbers have a decimal point.
 * @param what names the numbers in messages
 * @throws RejectedInput `bad_number` for `*****`, NaN, too few numbers, or columns that touch in an ambiguous way
 */
export function fortranNumbers(line: string, count: number, what: string): number[] {
  const numbers: number[] = [];
  for (const [word] of line.matchAll(/\S+/g)) {
    if (numbers.length >= count) break;
    addNumbers(word, numbers, what);
  }
  if (numbers.length < count) {
    const found = `${numbers.length} of ${count} numbers in ${quote(line.trim())}`;
    throw new RejectedInput('bad_number', `${what}: ${found}; the file is damaged or cut short`);
  }
  return numbers.slice(0, count);
}

function addNumbers(word: string, numbers: number[], what: string): void {
  if (word.includes('*')) {
    const remedy = 'the number did not fit its columns and is lost; take it from another output of the run';
    throw new RejectedInput('bad_number', `${what}: ${quote(word)}: ${remedy}`);
  }
  if (NO_NUMBER.test(word)) throw new RejectedInput('bad_number', `${what} is ${word}: the run went wrong`);
  const parts = numberParts(word);
  if (parts === undefined) throw new RejectedInput('bad_number', `${what}: ${quote(word)} is not a number`);
  for (const part of parts) numbers.push(Number(part.replace(/[dD]/, 'e')));
}

/** The numbers that a word consists of; undefined if it holds anything else or can be read in two ways. */
function numberParts(word: string): string[] | undefined {
  if (word.length > WORD_CHARACTERS_MAX) return undefined;
  const parts: string[] = [];
  NUMBER.lastIndex = 0;
  while (NUMBER.lastIndex < word.length) {
    // Without a sign between them nobody knows where one number ends: 1.2345.678.
    if (parts.length > 0 && !/[+-]/.test(word[NUMBER.lastIndex]!)) return undefined;
    const part = NUMBER.exec(word)?.[0];
    if (part === undefined) return undefined;
    parts.push(part);
  }
  // 0.123-100 is a number with an exponent of three digits, which Fortran writes without E.
  const isClear = parts.length === 1 || parts.every((part) => part.includes('.'));
  return isClear ? parts : undefined;
}
