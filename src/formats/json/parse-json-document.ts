import { RejectedInput } from '../../model/rejection.ts';
import { isAseDatabase, parseAseDatabase } from '../ase/ase-database.ts';
import type { DocumentEntry, ParsedMaterial } from '../input-unit.ts';
import { isJsonObject, type JsonObject, parseJson } from '../json-fields.ts';
import { quote } from '../located-rejection.ts';
import { parsedMaterial } from './parse-row.ts';

/**
 * Reads a JSON object: a pymatgen structure, an entry that holds a structure in `structure` (ComputedStructureEntry), a
 * document of a database, a row as in JSON lines, a database of ASE, or a DataFrame as pandas writes it by columns or by
 * index. The id is `material_id`, otherwise `entry_id`, otherwise the hint.
 * @throws RejectedInput while iterated: `bad_syntax`, `bad_number`, `no_sites`
 */
export function* parseJsonDocument(text: string, idHint: string): Generator<DocumentEntry, void, void> {
  const root = parseJson(text);
  if (!isJsonObject(root)) {
    throw new RejectedInput('bad_syntax', `the file holds ${quote(root)}; expected an object or a list of objects`);
  }
  if (isAseDatabase(root)) {
    yield* parseAseDatabase(root, idHint);
    return;
  }
  const rows = frameRows(root);
  if (rows === undefined) yield { parse: () => parseEntry(root, idHint) };
  else {
    for (const [index, row] of rows) {
      const id = /^\d+$/.test(index) ? `${idHint}#${index}` : index;
      yield { locator: `row ${index}`, parse: () => parseEntry(row, id) };
    }
  }
}

/**
 * Reads one entry of a list of such objects.
 * @throws RejectedInput
 */
export function parseListEntry(text: string, idHint: string): ParsedMaterial {
  const entry = parseJson(text);
  if (isJsonObject(entry)) return parseEntry(entry, idHint);
  throw new RejectedInput('bad_syntax', `the entry is not an object but ${quote(entry)}`);
}

function parseEntry(entry: JsonObject, idHint: string): ParsedMaterial {
  const known = [entry.entry_id, entry.mp_id, entry.mpid, entry.jid].find((id) => typeof id === 'string');
  return parsedMaterial(entry, known ?? idHint);
}

/** The rows of a DataFrame by their index: of `{column: {index: cell}}` or `{index: {column: cell}}`. */
function frameRows(root: JsonObject): Iterable<readonly [string, JsonObject]> | undefined {
  const members = Object.entries(root);
  if (members.length === 0 || !members.every(([, value]) => isJsonObject(value))) return undefined;
  // Not an entry whose members all happen to be objects.
  if (isJsonObject(root.structure) && ('lattice' in root.structure || 'sites' in root.structure)) return undefined;
  const tables = members as [string, JsonObject][];
  const isByIndex = tables.every(([, row]) => 'structure' in row || 'sites' in row || 'lattice' in row);
  if (isByIndex) return tables;
  const indices = Object.keys(tables[0]![1]);
  if (indices.length === 0 || !tables.every(([, column]) => Object.keys(column).length === indices.length))
    return undefined;
  return indices.map((index) => [index, Object.fromEntries(tables.map(([title, column]) => [title, column[index]]))]);
}
