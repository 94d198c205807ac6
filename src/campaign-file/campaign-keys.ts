import { z } from 'zod';
import { campaignFile } from './campaign-schema.ts';
import { type JsonSchema, valueForm } from './value-form.ts';

/** A key that the campaign file may hold, and what people are told of it. */
export interface CampaignKey {
  readonly name: string;
  /** `acquisition.batch`, `data[].path`; `acquisition.weights.TARGET` where any target is a key. */
  readonly path: string;
  readonly meaning: string;
  /** Type and range: `whole, 1 to 100`. */
  readonly form: string;
  readonly unit?: string | undefined;
  readonly isRequired: boolean;
  /** Undefined if the key has no default. */
  readonly default?: unknown;
  /** Other defaults, in words. */
  readonly otherwise?: string | undefined;
  /** A value to show where there is no default. */
  readonly example?: unknown;
  /** The alternatives of its table that have the key: `ei, pi`, `model 1`. Undefined if all have it. */
  readonly belongsTo?: string | undefined;
  readonly inner: readonly CampaignKey[];
}

type Schemas = readonly [JsonSchema, ...JsonSchema[]];

/** The keys of the top level, in the schema's order. */
export function campaignKeys(): CampaignKey[] {
  return keysOf([z.toJSONSchema(campaignFile, { io: 'input' }) as JsonSchema], '');
}

/** A key and all keys inside it, in the schema's order. */
export function withInner(key: CampaignKey): CampaignKey[] {
  return [key, ...key.inner.flatMap(withInner)];
}

/** The keys of a table, of all its alternatives together. */
function keysOf(schemas: Schemas, above: string): CampaignKey[] {
  const tables = schemas.flatMap(tablesOf);
  const wordOf = chooserOf(tables);
  const words = new Set(tables.map(wordOf));
  const names = new Set(tables.flatMap(({ properties = {} }) => Object.keys(properties)));
  const keys = [...names].map((name) => {
    const having = tables.filter(({ properties }) => properties?.[name] !== undefined);
    const chosen = new Set(having.map(wordOf));
    const isRequired = tables.every((table) => !chosen.has(wordOf(table)) || table.required?.includes(name));
    const belongsTo = chosen.size === words.size ? undefined : [...chosen].join(', ');
    const inAll = having.map(({ properties }) => properties![name]!);
    return { ...keyOf(name, above, inAll as unknown as Schemas), isRequired, belongsTo };
  });
  const [open] = tables.filter(({ propertyNames }) => propertyNames !== undefined);
  if (!open?.additionalProperties) return keys;
  return [...keys, keyOf(open.propertyNames?.title ?? 'TARGET', above, [open.additionalProperties])];
}

function keyOf(name: string, above: string, schemas: Schemas): CampaignKey {
  const [{ description: meaning = '', unit, filledIn, default: given, otherwise, example, items }] = schemas;
  const path = above === '' ? name : `${above}.${name}`;
  const inner = keysOf(schemas, items === undefined ? path : `${path}[]`);
  const form = valueForm(schemas);
  return { name, path, meaning, form, unit, isRequired: false, default: filledIn ?? given, otherwise, example, inner };
}

/** The tables that a value may be, or a list of such. */
function tablesOf(schema: JsonSchema): JsonSchema[] {
  const { anyOf = [], oneOf = [], items, properties, propertyNames } = schema;
  if (properties !== undefined || propertyNames !== undefined) return [schema];
  return [...anyOf, ...oneOf, ...(items ? [items] : [])].flatMap(tablesOf);
}

/** What chooses between the tables: the word under the key that holds one in each of them. */
function chooserOf(tables: readonly JsonSchema[]): (table: JsonSchema) => string {
  const names = Object.keys(tables[0]?.properties ?? {});
  const chooser = names.find((name) => tables.every(({ properties }) => properties?.[name]?.const !== undefined));
  return ({ properties }) => {
    const word = chooser === undefined ? '' : properties?.[chooser]?.const;
    return typeof word === 'number' ? `${chooser} ${word}` : String(word);
  };
}
