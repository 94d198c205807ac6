import { stringify } from 'yaml';
import { COUNT_MAX } from './value-schema.ts';

/** What zod makes of a schema and its `.meta()`. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  /** What stands for the keys of a table that may have any. */
  readonly title?: string;
  /** What the key means, in a few words; it begins small. */
  readonly description?: string;
  readonly unit?: string;
  /** Type and range, where the schema does not show them. */
  readonly form?: string;
  /** What is filled in after the file was read, as a default is. */
  readonly filledIn?: unknown;
  readonly otherwise?: string;
  readonly example?: unknown;
}

/** Type and range of a key, which alternatives of its table may give other words. */
export function valueForm(schemas: readonly [JsonSchema, ...JsonSchema[]]): string {
  const [first] = schemas;
  if (first.form !== undefined) return first.form;
  const words = schemas.flatMap((schema) => schema.enum ?? (schema.const === undefined ? [] : [schema.const]));
  if (words.length > 0) return [...new Set(words)].join(', ');
  switch (first.type) {
    case 'boolean':
      return 'true, false';
    case 'string':
      return first.maxLength === undefined ? 'text' : `text, to ${first.maxLength} characters`;
    case 'integer':
      return `whole, ${rangeOf(first)}`;
    case 'number':
      return rangeOf(first) || 'number';
    case 'array':
      return first.minItems === undefined ? 'list' : `list, ${first.minItems} or more`;
    default:
      return 'table';
  }
}

/** A value on one line, as the campaign file holds it. */
export function inlineYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}

function rangeOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema): string {
  const above = exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`;
  const below = exclusiveMaximum === undefined ? undefined : `below ${exclusiveMaximum}`;
  const upTo = maximum === undefined || maximum === COUNT_MAX ? undefined : `to ${maximum}`;
  if (minimum === undefined) return [above, below ?? upTo].filter((part) => part !== undefined).join(', ');
  const end = upTo ?? (below && `to ${below}`);
  return end === undefined ? `from ${minimum}` : `${minimum} ${end}`;
}
