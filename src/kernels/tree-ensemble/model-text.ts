import { AppError } from '../../model/app-error.ts';

/** The sections of a model text that LightGBM writes (text format v4); each section maps keys to values. */
export interface ModelText {
  readonly header: ReadonlyMap<string, string>;
  readonly trees: readonly ReadonlyMap<string, string>[];
}

/**
 * Splits a model's text into header and trees, and checks that the text is complete.
 * @throws AppError `input_unreadable` that names the defect
 */
export function splitModelText(text: string): ModelText {
  const lines = text.split('\n').map((line) => line.trimEnd());
  if (lines[0] !== 'tree') unreadable('it does not begin with "tree": not a LightGBM model');
  const end = lines.indexOf('end of trees');
  if (end < 0) unreadable('it is cut off: no "end of trees"');
  const sections: Map<string, string>[] = [new Map()];
  for (const line of lines.slice(1, end)) {
    const at = line.indexOf('=');
    const [key, value] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    if (key === 'Tree') {
      if (value !== String(sections.length - 1))
        unreadable(`Tree=${value} stands where Tree=${sections.length - 1} is due`);
      sections.push(new Map());
    } else if (key !== '') sections.at(-1)!.set(key, value);
  }
  const [header, ...trees] = sections;
  const promised = words(field(header!, 'tree_sizes', 'the header')).length;
  if (promised !== trees.length) unreadable(`its header promises ${promised} trees, but ${trees.length} are there`);
  return { header: header!, trees };
}

/** @throws AppError `input_unreadable` if the section has no such key */
export function field(section: ReadonlyMap<string, string>, key: string, where: string): string {
  const value = section.get(key);
  return value ?? unreadable(`${where} has no "${key}"`);
}

/** @throws AppError `input_unreadable` if there are not `count` numbers */
export function numbers(section: ReadonlyMap<string, string>, key: string, where: string, count: number): number[] {
  const found = words(field(section, key, where));
  if (found.length !== count) unreadable(`${where} has ${found.length} values of "${key}", not ${count}`);
  return found.map((word) => parseNumber(word) ?? unreadable(`${where}: "${word}" in "${key}" is not a number`));
}

export function unreadable(reason: string): never {
  throw new AppError('input_unreadable', `the model text cannot be used: ${reason}`);
}

function words(value: string): string[] {
  return value === '' ? [] : value.split(' ');
}

/** Reads C++'s `inf` and `nan` too, which `Number` does not read. */
function parseNumber(word: string): number | undefined {
  const value = Number(word);
  if (word !== '' && !Number.isNaN(value)) return value;
  const special = /^([+-]?)inf(inity)?$/i.exec(word);
  if (special) return special[1] === '-' ? -Infinity : Infinity;
  return /^[+-]?nan$/i.test(word) ? Number.NaN : undefined;
}
