import { RejectedInput } from '../../../model/rejection.ts';
import type { Structure } from '../../../model/structure.ts';
import { readStructures } from './read-structures.ts';

/**
 * The structure of a file that must hold exactly one, in any format that `featurize` reads.
 * @throws RejectedInput with file and place in its message; AppError `input_unreadable`
 */
export async function readSingleStructure(path: string): Promise<Structure> {
  let found: Structure | undefined;
  for await (const item of readStructures(path)) {
    if (item.kind === 'rejection') {
      const { code, message, source, locator } = item.rejection;
      throw new RejectedInput(code, [source, locator, message].filter((part) => part !== undefined).join(': '));
    }
    if (found !== undefined) {
      throw new RejectedInput('bad_syntax', `${path}: several structures: give a file with the tensor's alone`);
    }
    found = item.material.structure;
  }
  if (found === undefined) throw new RejectedInput('no_sites', `${path}: no structure: name a structure file`);
  return found;
}
