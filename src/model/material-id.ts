import { RejectedInput } from './rejection.ts';

/** A material's id: any text (`mp-123`, `mp-fsxpj`), never parsed as a number. */
export type MaterialId = string & { readonly __brand: 'MaterialId' };

const MATERIAL_ID_BYTES_MAX = 128;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;
const encoder = new TextEncoder();

/**
 * Normalises to NFC and checks that the id has 1 to 128 bytes in UTF-8 and no control character.
 * @throws RejectedInput `bad_id`
 */
export function parseMaterialId(text: unknown): MaterialId {
  if (typeof text !== 'string') throw new RejectedInput('bad_id', `material_id must be text, not ${typeof text}`);
  const id = text.normalize('NFC');
  if (id.length === 0) throw new RejectedInput('bad_id', 'material_id is empty');
  if (!id.isWellFormed()) throw new RejectedInput('bad_id', 'material_id is not valid Unicode (a lone surrogate)');
  if (CONTROL_CHARACTER.test(id)) throw new RejectedInput('bad_id', 'material_id holds a control character');
  const bytes = encoder.encode(id).length;
  if (bytes > MATERIAL_ID_BYTES_MAX) {
    throw new RejectedInput('bad_id', `material_id has ${bytes} bytes; at most ${MATERIAL_ID_BYTES_MAX} are allowed`);
  }
  return id as MaterialId;
}
