import { type ContentHash, isContentHash } from '../model/content-hash.ts';
import { type Target, targetNameProblem } from '../model/target.ts';
import { badMessage } from './bad-message.ts';

/** A message within a message; protobuf allows it to be absent. */
export function requiredField<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw badMessage(field, 'is missing');
  return value;
}

/** A name. protobuf does not distinguish an absent text from an empty one, and no name is empty. */
export function nameField(text: string, field: string): string {
  if (text === '') throw badMessage(field, 'is missing or empty');
  return text;
}

export function hashField(text: string, field: string): ContentHash {
  if (!isContentHash(text)) throw badMessage(field, `must be h1: and 64 hexadecimal digits, not "${text}"`);
  return text;
}

export function targetField(text: string, field: string): Target {
  const problem = targetNameProblem(text);
  if (problem !== undefined) throw badMessage(field, `${problem}, not "${text}"`);
  return text;
}

/** A word of a closed vocabulary. */
export function wordField<W extends string>(text: string, words: readonly W[], field: string): W {
  const word = words.find((known) => known === text);
  if (word === undefined) throw badMessage(field, `must be one of ${words.join(', ')}, not "${text}"`);
  return word;
}
