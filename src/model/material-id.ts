import { nameProblem } from './given-name.ts';
import { RejectedInput } from './rejection.ts';

/** The id of a material: any text (`mp-123`, `mp-fsxpj`), never parsed as a number. */
export type MaterialId = string & { readonly __brand: 'MaterialId' };

const MATERIAL_ID_BYTES_MAX = 128;

/**
 * Normalises to NFC and checks that the id has 1 to 128 bytes in UTF-8 and no control character.
 * @throws RejectedInput `bad_id`
 */
export function parseMaterialId(text: unknown): MaterialId {
  if (typeof text !== 'string') throw new RejectedInput('bad_id', `material_id must be text, not ${typeof text}`);
  const id = text.normalize('NFC');
  const problem = nameProblem(id, MATERIAL_ID_BYTES_MAX);
  if (problem !== undefined) throw new RejectedInput('bad_id', `material_id ${problem}`);
  return id as MaterialId;
}
