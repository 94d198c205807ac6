import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AppError } from '../../model/app-error.ts';

/** Folds of a million materials take 100 MB. */
const BYTES_MAX = 256 * 2 ** 20;

/** A small file, unpacked if its name ends in .gz. @throws AppError `input_unreadable` */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    return path.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: BYTES_MAX }) : bytes;
  } catch (error) {
    throw new AppError('input_unreadable', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Keeps the parts of a study as they are done, so that an interrupted study goes on from there. */
export interface StudyFiles {
  /** Undefined where this part is not done. @throws AppError `invalid_argument` where another study is kept there */
  load(part: string): Promise<readonly number[] | undefined>;
  save(part: string, values: readonly number[]): Promise<void>;
}

/** @param identity of the study: everything on which its numbers depend */
export function studyFiles(directory: string, identity: string): StudyFiles {
  const pathOf = (part: string) => join(directory, `${part}.json`);
  return {
    async load(part) {
      const text = await readFile(pathOf(part), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw new AppError('input_unreadable', `cannot read ${pathOf(part)}: ${error.message}`);
      });
      if (text === undefined) return undefined;
      const kept = parsed(text);
      if (kept?.identity === identity) return kept.values;
      const what = kept === undefined ? 'is damaged: remove it' : 'is of a study with other data or settings';
      throw new AppError('invalid_argument', `${pathOf(part)} ${what}; or name another directory with --dir`);
    },
    async save(part, values) {
      try {
        await mkdir(directory, { recursive: true });
        // Renamed when complete: a part is there whole or not at all.
        await writeFile(`${pathOf(part)}.partial`, JSON.stringify({ identity, values }));
        await rename(`${pathOf(part)}.partial`, pathOf(part));
      } catch (error) {
        throw new AppError('output_unwritable', `cannot write ${pathOf(part)}: ${(error as Error).message}`);
      }
    },
  };
}

function parsed(text: string): { readonly identity: string; readonly values: readonly number[] } | undefined {
  try {
    const { identity, values } = JSON.parse(text);
    const isWhole = typeof identity === 'string' && Array.isArray(values) && values.every(Number.isFinite);
    return isWhole ? { identity, values } : undefined;
  } catch {
    return undefined;
  }
}
