import type { InputOptions, StructureItem } from '../../../formats/input-unit.ts';
import { materialsOf } from './materials-of.ts';
import { openInputs } from './open-inputs.ts';
import { createSeenIds, withoutDuplicates } from './seen-ids.ts';

/**
 * Reads all structures of files, folders or standard input (`-`), in order, one at a time, in this thread. If an id
 * occurs again, the later structures are rejected.
 * @throws AppError `input_unreadable` if a path does not exist
 */
export async function* readStructures(
  input: string | readonly string[],
  options: InputOptions = {},
): AsyncGenerator<StructureItem, void, void> {
  const seen = createSeenIds();
  for await (const unit of openInputs(typeof input === 'string' ? [input] : input, options)) {
    for (const item of materialsOf(unit)) yield withoutDuplicates(item, seen);
  }
}
