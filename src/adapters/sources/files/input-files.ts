import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { AppError } from '../../../model/app-error.ts';
import { formatOfName, isNamedByFolder, isTableFormat, saidElsewhere, stemOf } from './file-format.ts';

/** A file to read. */
export interface InputFile {
  /** Undefined for standard input. */
  readonly path: string | undefined;
  readonly source: string;
  /** The material id, if the file gives none. */
  readonly idHint: string;
  /** Undefined if it is not a regular file. */
  readonly size: number | undefined;
  /** True of a link that leads out of the folder: its target is not read. */
  readonly leadsOut?: true;
}

/**
 * Yields the files that the paths stand for. A file stands for itself, `-` for standard input, and a folder for all
 * files with known names in it and its subfolders, in the order of their names' bytes. Hidden entries are skipped. Each
 * folder is read only once, so circular links end.
 * @throws AppError `input_unreadable` if a path or folder cannot be read
 */
export async function* inputFiles(
  paths: readonly string[],
  onSkipped: (path: string) => void,
): AsyncGenerator<InputFile, void, void> {
  for (const path of paths) {
    if (path === '-') {
      yield { path: undefined, source: '-', idHint: 'stdin', size: undefined };
      continue;
    }
    const stats = await readable(path, stat(path));
    if (stats.isDirectory()) {
      yield* filesUnder({ root: await readable(path, realpath(path)), folder: path, inner: '' }, new Set(), onSkipped);
    } else {
      const name = basename(path);
      const idHint = isNamedByFolder(name) ? basename(dirname(resolve(path))).replace(/\.save$/, '') : stemOf(name);
      yield { path, source: path, idHint, size: stats.isFile() ? stats.size : undefined };
    }
  }
}

/**
 * Checks that all paths exist, before any of them is read.
 * @throws AppError `input_unreadable` if a path cannot be found
 */
export async function assertPathsExist(paths: readonly string[]): Promise<void> {
  for (const path of paths) if (path !== '-') await readable(path, stat(path));
}

async function readable<T>(path: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file or folder' : (cause as Error).message;
    throw new AppError('input_unreadable', `cannot read ${path}: ${reason}`, { cause });
  }
}

interface FolderPlace {
  /** The folder that the user gave, without links. */
  readonly root: string;
  readonly folder: string;
  /** The folder's path below the root, with slashes; empty for the root itself. */
  readonly inner: string;
}

async function* filesUnder(
  { root, folder, inner }: FolderPlace,
  visited: Set<string>,
  onSkipped: (path: string) => void,
): AsyncGenerator<InputFile, void, void> {
  const { dev, ino } = await readable(folder, stat(folder));
  const identity = `${dev}:${ino}`;
  if (visited.has(identity)) return;
  visited.add(identity);
  const entries = await readable(folder, readdir(folder, { withFileTypes: true }));
  const names = entries.map(({ name }) => name);
  const links = new Set(entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name));
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const folderName = (inner || basename(resolve(folder))).replace(/\.save$/, '');
  const redundant = saidElsewhere(names);
  // If a folder holds both POSCAR and CONTCAR, its name alone does not tell them apart.
  const isShared = names.filter((name) => isNamedByFolder(name) && !redundant.has(name)).length > 1;
  for (const name of names) {
    const path = join(folder, name);
    // A broken link has no stats. It is reported with a reason when it is opened.
    const stats = await stat(path).catch(() => undefined);
    if (redundant.has(name)) {
      onSkipped(path);
    } else if (!name.startsWith('.') && links.has(name) && (await leadsOut(path, root))) {
      if (stats?.isDirectory() || formatOfName(name) !== undefined) {
        yield { path, source: path, idHint: stemOf(name), size: undefined, leadsOut: true };
      } else onSkipped(path);
    } else if (name.startsWith('.')) {
      if (!stats?.isDirectory()) onSkipped(path);
    } else if (stats?.isDirectory()) {
      yield* filesUnder({ root, folder: path, inner: inner === '' ? name : `${inner}/${name}` }, visited, onSkipped);
    } else if (!isReadInFolder(name) || (stats !== undefined && !stats.isFile())) {
      onSkipped(path);
    } else {
      const byFolder = isShared ? `${folderName}/${stemOf(name)}` : folderName;
      yield { path, source: path, idHint: isNamedByFolder(name) ? byFolder : stemOf(name), size: stats?.size };
    }
  }
}

/** Whether a link ends outside of the folder. A folder from elsewhere must not make us read the rest of the machine. */
async function leadsOut(path: string, root: string): Promise<boolean> {
  const target = await realpath(path).catch(() => undefined);
  return target !== undefined && target !== root && !target.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

function isReadInFolder(name: string): boolean {
  const format = formatOfName(name);
  return format !== undefined && !isTableFormat(format);
}
