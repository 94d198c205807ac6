import { campaignKeys, withInner } from './campaign-keys.ts';

let known: readonly string[] | undefined;

/** The remedy for a key that is not allowed at its place. */
export function unknownKeyRemedy(table: readonly (string | number)[], key: string): string {
  known ??= campaignKeys()
    .flatMap(withInner)
    .map(({ path }) => path);
  const split = known.map((path) => [path.replace(/\.?[^.]+$/, ''), path.replace(/^.*\./, '')] as const);
  const above = table.map((step) => (typeof step === 'number' ? '[]' : `.${step}`)).join('');
  const beside = split.filter(([parent]) => parent === above.replace(/^\./, '')).map(([, name]) => name);
  if (beside.includes(key)) return 'it does not go with the keys beside it, remove it or change them';
  const nearest = nearestName(key, beside);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  const elsewhere = split
    .filter(([, name]) => name === key)
    .map(([parent]) => parent.replace('[]', '') || 'the top level');
  if (elsewhere.length > 0) return `it belongs in ${elsewhere.join(' or ')}`;
  return 'correct its spelling or remove it';
}

/**
 * The name that `word` most likely means: it has the same beginning, or at most a third of its letters differ. Case and
 * dashes do not count.
 */
function nearestName(word: string, names: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const given = plain(word);
  const distance = (name: string) => {
    const begins = given.length > 2 && (name.startsWith(given) || given.startsWith(name));
    const edits = editDistance(given, name);
    return begins ? Math.min(1, edits) : edits;
  };
  const ranked = names.map((name) => ({ name, distance: distance(plain(name)) }));
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, plain(best.name).length / 3) ? best.name : undefined;
}

/** The number of letters to insert, remove or replace (Levenshtein distance). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j]! + (a[i] === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
