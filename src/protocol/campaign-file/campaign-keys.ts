import { z } from 'zod';
import { campaignFile } from './campaign-schema.ts';

/** A key that the campaign file may hold. */
export interface CampaignKey {
  /** `acquisition.batch`, `data[].path`; `acquisition.weights.TARGET` where any target is a key. */
  readonly path: string;
  /** Absent if the key has no default. */
  readonly default?: unknown;
}

interface JsonSchema {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly propertyNames?: { readonly enum?: readonly string[]; readonly title?: string };
}

/** Every key of the schema, including those of its alternatives, in the schema's order. */
export function campaignKeys(): CampaignKey[] {
  const keys = new Map<string, CampaignKey>();
  const visit = (schema: JsonSchema, above: string): void => {
    const prefix = above === '' ? '' : `${above}.`;
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      const path = `${prefix}${name}`;
      if (!keys.has(path)) keys.set(path, 'default' in inner ? { path, default: inner.default } : { path });
      visit(inner, path);
    }
    const { propertyNames } = schema;
    for (const name of propertyNames ? (propertyNames.enum ?? [propertyNames.title ?? 'TARGET']) : []) {
      keys.set(`${prefix}${name}`, { path: `${prefix}${name}` });
    }
    for (const alternative of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) visit(alternative, above);
    if (schema.items) visit(schema.items, `${above}[]`);
  };
  visit(z.toJSONSchema(campaignFile, { io: 'input' }) as JsonSchema, '');
  return [...keys.values()];
}

let known: readonly CampaignKey[] | undefined;

/** The remedy for a key that is not allowed at its place. */
export function unknownKeyRemedy(table: readonly (string | number)[], key: string): string {
  known ??= campaignKeys();
  const split = known.map(({ path }) => [path.replace(/\.?[^.]+$/, ''), path.replace(/^.*\./, '')] as const);
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
