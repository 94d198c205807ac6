/*
 * Names that people and programs give: they become keys and ids in the log, texts in tables, and words in messages and
 * on screens. No name is parsed.
 */

/** The limit of a name in UTF-8 bytes: that of a key in the log, so that a name can be a key. */
const NAME_BYTES_MAX = 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;
const encoder = new TextEncoder();

/** The problem with a name, worded to follow the name of its field; undefined if the name is valid. */
export function nameProblem(text: string, bytesMax: number = NAME_BYTES_MAX): string | undefined {
  if (text === '') return 'is empty';
  return textProblem(text, bytesMax);
}

/** Like nameProblem, for a text that may be empty. */
export function textProblem(text: string, bytesMax: number = NAME_BYTES_MAX): string | undefined {
  if (!text.isWellFormed()) return 'is not valid Unicode (a lone surrogate)';
  if (CONTROL_CHARACTER.test(text)) return 'holds a control character';
  const bytes = encoder.encode(text).length;
  return bytes > bytesMax ? `has ${bytes} bytes; at most ${bytesMax} are allowed` : undefined;
}
