import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../../model/app-error.ts';
import { formatOfName, isNamedByFolder, isTableFormat, stemOf } from './file-format.ts';

/** A file to read. */
export interface InputFile {
  /** Undefined for standard input. */
  readonly path: string | undefined;
  readonly source: string;
  /** The material id, if the file gives none. */
  readonly idHint: string;
  /** Undefined if it is not a regular file. */
  readonly size: number | undefined;
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
      yield* filesUnder(path, '', new Set(), onSkipped);
    } else {
      const name = basename(path);
      const idHint = isNamedByFolder(name) ? basename(dirname(resolve(path))) : stemOf(name);
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

/** @param inner the folder's path below the one that the user gave, with slashes; empty for that folder itself */
async function* filesUnder(
  folder: string,
  inner: string,
  visited: Set<string>,
  onSkipped: (path: string) => void,
): AsyncGenerator<InputFile, void, void> {
  const { dev, ino } = await readable(folder, stat(folder));
  const identity = `${dev}:${ino}`;
  if (visited.has(identity)) return;
  visited.add(identity);
  const names = await readable(folder, readdir(folder));
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const folderName = inner || basename(resolve(folder));
  // If a folder holds both POSCAR and CONTCAR, its name alone does not tell them apart.
  const isShared = names.filter(isNamedByFolder).length > 1;
  for (const name of names) {
    const path = join(folder, name);
    // A broken link has no stats. It is reported with a reason when it is opened.
    const stats = await stat(path).catch(() => undefined);
    if (name.startsWith('.')) {
      if (!stats?.isDirectory()) onSkipped(path);
    } else if (stats?.isDirectory()) {
      yield* filesUnder(path, inner === '' ? name : `${inner}/${name}`, visited, onSkipped);
    } else if (!isReadInFolder(name) || (stats !== undefined && !stats.isFile())) {
      onSkipped(path);
    } else {
      const byFolder = isShared ? `${folderName}/${stemOf(name)}` : folderName;
      yield { path, source: path, idHint: isNamedByFolder(name) ? byFolder : stemOf(name), size: stats?.size };
    }
  }
}

function isReadInFolder(name: string): boolean {
  const format = formatOfName(name);
  return format !== undefined && !isTableFormat(format);
}
