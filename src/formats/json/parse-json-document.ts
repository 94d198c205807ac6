import { RejectedInput } from '../../model/rejection.ts';
import { isAseDatabase, parseAseDatabase } from '../ase/ase-database.ts';
import type { DocumentEntry, ParsedMaterial } from '../input-unit.ts';
import { isJsonObject, type JsonObject, parseJson } from '../json-fields.ts';
import { quote } from '../located-rejection.ts';
import { materialFromObject } from './parse-row.ts';

/**
 * Reads a JSON file: a pymatgen structure, an entry that holds a structure in `structure` (ComputedStructureEntry), a
 * row as in JSON lines, a list of any of these, or a database of ASE. The id is `material_id`, otherwise `entry_id`, otherwise the hint.
 * @param idHint for files of one object; in lists `#1`, `#2`, ... is added
 * @throws RejectedInput while iterated: `bad_syntax`, `bad_number`, `no_sites`
 */
export function* parseJsonDocument(text: string, idHint: string): Generator<DocumentEntry, void, void> {
  const root = parseJson(text);
  if (isJsonObject(root)) {
    if (isAseDatabase(root)) {
      yield* parseAseDatabase(root, idHint);
      return;
    }
    yield { parse: () => parseEntry(root, idHint) };
    return;
  }
  if (!Array.isArray(root)) {
    throw new RejectedInput('bad_syntax', `the file holds ${quote(root)}; expected an object or a list of objects`);
  }
  if (root.length === 0) throw new RejectedInput('no_sites', 'the file holds an empty list; expected structures');
  for (const [i, entry] of (root as unknown[]).entries()) {
    yield {
      locator: `entry ${i + 1}`,
      parse: () => {
        if (isJsonObject(entry)) return parseEntry(entry, `${idHint}#${i + 1}`);
        throw new RejectedInput('bad_syntax', `the entry is not an object but ${quote(entry)}`);
      },
    };
  }
}

function parseEntry(entry: JsonObject, idHint: string): ParsedMaterial {
  const material = materialFromObject(entry, typeof entry.entry_id === 'string' ? entry.entry_id : idHint);
  return { material, json: entry };
}
