import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a table of keys',
  record: 'a table of keys',
};
const SHOWN_CHARACTERS_MAX = 60;

/** The problem with one value: the value, and what is allowed. The text follows the name of its key. */
export function schemaMessage(issue: z.core.$ZodIssue): string {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type': {
      const kind = KINDS[issue.expected] ?? issue.expected;
      if (input === undefined) return `is missing: give ${kind}`;
      if (input === null) return `is empty: give ${kind}, or remove the key`;
      const quotes = issue.expected === 'string' ? ': put it in quotes' : '';
      return `is ${shown(input)}, must be ${kind}${quotes}`;
    }
    case 'too_small':
      if (issue.origin !== 'number') return 'is empty: give at least one';
      return `is ${shown(input)}, must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `is longer than ${issue.maximum} characters: shorten it`;
      return `is ${shown(input)}, must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`;
    case 'invalid_value':
      return oneOf(input, issue.values);
    case 'invalid_union': {
      const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] };
      if (discriminator === undefined || options === undefined) return issue.message;
      return oneOf((input as Record<string, unknown>)[discriminator], options);
    }
    default:
      return input === undefined ? issue.message : `is ${shown(input)}: ${issue.message}`;
  }
}

function oneOf(value: unknown, options: readonly unknown[]): string {
  const choice = `${options.length > 1 ? 'one of ' : ''}${options.join(', ')}`;
  if (value === undefined) return `is missing: give ${choice}`;
  return value === null ? `is empty: give ${choice}` : `is ${shown(value)}, must be ${choice}`;
}

/** A value in one short line: it can be any text, or a table that contains itself. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a table of keys';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}...` : text;
}
