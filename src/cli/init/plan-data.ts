import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatOfName, isNamedByFolder, isTableFormat } from '../../adapters/sources/files/file-format.ts';
import { assertPathsExist } from '../../adapters/sources/files/input-files.ts';
import { readStructures } from '../../adapters/sources/files/read-structures.ts';
import type { TableOptions } from '../../model/table-options.ts';
import type { DataPath } from './survey.ts';

/** Rows of a table that show whether its structures are found. */
const PROBED_ROWS = 100;
/** Entries of a folder among which folders of structures are looked for. */
const ENTRIES_MAX = 1_000;
/** More folders than these are one for each material, or a tree that the user has named as a whole. */
const FOLDERS_NAMED_MAX = 5;

/**
 * What the given paths and tables stand for: each table with the folder of its structures, if it needs one, and
 * everything else as it is. Tables come first.
 * @throws AppError `input_unreadable`
 */
export async function planData(paths: readonly string[], said: TableOptions): Promise<DataPath[]> {
  await assertPathsExist(paths);
  const folders: string[] = [];
  const files: string[] = [];
  for (const path of paths) {
    if ((await stat(path)).isDirectory()) folders.push(path);
    else files.push(path);
  }
  const tables = files.filter(isTable);
  const holding: string[] = [];
  for (const folder of folders) {
    const names = (await readdir(folder)).sort();
    tables.push(...names.filter(isTable).map((name) => join(folder, name)));
    holding.push(...(await foldersIn(folder, names)));
  }
  const planned: DataPath[] = [];
  for (const path of tables) {
    planned.push({ path, table: await withStructures(path, said, holding) });
  }
  const beside = new Set(planned.flatMap(({ table }) => table.structures ?? []));
  const others = [...new Set([...beside, ...holding, ...files.filter((path) => !isTable(path))])];
  return [...planned, ...others.map((path) => ({ path, table: {} }))];
}

function isTable(path: string): boolean {
  return isTableFormat(formatOfName(path));
}

/** Adds the folder in which most structures of a table are found, if it holds none itself. */
async function withStructures(path: string, said: TableOptions, given: readonly string[]): Promise<TableOptions> {
  if (said.structures !== undefined || (await structuresFound(path, said)) > 0) return said;
  let best: { folder: string; found: number } | undefined;
  for (const folder of new Set([...(await foldersBeside(path)), ...given])) {
    const found = await structuresFound(path, { ...said, structures: folder });
    if (found > (best?.found ?? 0)) best = { folder, found };
  }
  return best === undefined ? said : { ...said, structures: best.folder };
}

async function structuresFound(path: string, table: TableOptions): Promise<number> {
  let [found, seen] = [0, 0];
  for await (const { kind } of readStructures(path, { table })) {
    if (kind === 'material') found++;
    if (++seen === PROBED_ROWS) break;
  }
  return found;
}

/** The folder of a table and those in it, if they hold structure files. */
async function foldersBeside(path: string): Promise<string[]> {
  const folder = dirname(path);
  const names = await readdir(folder);
  const inner = await holdingStructures(folder, names);
  return names.some(isStructureFile) ? [...inner, folder] : inner;
}

/**
 * The folders that a given one stands for: those few in it that alone hold structure files, so that what a campaign
 * writes beside them is not read as data; else itself.
 */
async function foldersIn(folder: string, names: readonly string[]): Promise<string[]> {
  if (names.some(isStructureFile)) return [folder];
  const inner = await holdingStructures(folder, names);
  return inner.length > 0 && inner.length <= FOLDERS_NAMED_MAX ? inner : [folder];
}

/** The folders in a folder that hold structure files by name; those that are named after one material are not told. */
async function holdingStructures(folder: string, names: readonly string[]): Promise<string[]> {
  const holding: string[] = [];
  for (const name of names
    .filter((one) => !one.startsWith('.'))
    .slice(0, ENTRIES_MAX)
    .sort()) {
    const path = join(folder, name);
    const inner = await readdir(path).catch(() => []);
    if (inner.some((one) => isStructureFile(one) && !isNamedByFolder(one))) holding.push(path);
  }
  return holding;
}

function isStructureFile(name: string): boolean {
  return /^(?:cif|poscar|any-json)$/.test(formatOfName(name) ?? '');
}
