/*
 * Names that people and programs give: they become keys and ids in the log, texts in tables, and words in messages and
 * on screens. None is parsed.
 */

/** What a name may have in UTF-8: as many bytes as a key of the log, so that the key is the name. */
const NAME_BYTES_MAX = 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;
const encoder = new TextEncoder();

/** What is wrong with a name, to follow the name of its field; undefined where it is one. */
export function nameProblem(text: string, bytesMax: number = NAME_BYTES_MAX): string | undefined {
  if (text === '') return 'is empty';
  return textProblem(text, bytesMax);
}

/** Of a text that may be empty. */
export function textProblem(text: string, bytesMax: number = NAME_BYTES_MAX): string | undefined {
  if (!text.isWellFormed()) return 'is not valid Unicode (a lone surrogate)';
  if (CONTROL_CHARACTER.test(text)) return 'holds a control character';
  const bytes = encoder.encode(text).length;
  return bytes > bytesMax ? `has ${bytes} bytes; at most ${bytesMax} are allowed` : undefined;
}
