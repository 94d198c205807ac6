import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { upfHeader } from '../../../formats/espresso/upf-header.ts';
import { AppError } from '../../../model/app-error.ts';
import type { PseudopotentialFile } from '../../../model/pseudopotential-file.ts';
import { RejectedInput } from '../../../model/rejection.ts';

const UPF = /[.]upf$/i;
/** Headers stand behind an information block of some kilobytes. */
const HEAD_BYTES = 256 * 1024;

export interface PseudopotentialFolder {
  /**
   * The pseudopotentials of a folder, by name; files that are none in UPF are passed over.
   * @throws AppError `input_unreadable`
   */
  read(folder: string): Promise<PseudopotentialFile[]>;
}

/** Reads folders, and each file again only where its size or time has changed. */
export function createPseudopotentialFolder(): PseudopotentialFolder {
  const known = new Map<string, { readonly version: string; readonly file: PseudopotentialFile | undefined }>();

  async function readFileOnce(path: string, name: string): Promise<PseudopotentialFile | undefined> {
    const { size, mtimeMs } = await stat(path);
    const version = `${size} ${mtimeMs}`;
    const last = known.get(path);
    if (last?.version === version) return last.file;
    const file = parsed(path, name, await readFile(path));
    known.set(path, { version, file });
    return file;
  }

  return {
    async read(folder) {
      const found: PseudopotentialFile[] = [];
      for (const name of (await namesOf(folder)).filter((one) => UPF.test(one)).sort()) {
        const path = resolve(join(folder, name));
        const file = await readFileOnce(path, name).catch((cause) => {
          throw new AppError('input_unreadable', `the pseudopotential ${path} cannot be read: ${cause.message}`, {
            cause,
          });
        });
        if (file !== undefined) found.push(file);
      }
      return found;
    },
  };
}

function parsed(path: string, name: string, bytes: Buffer): PseudopotentialFile | undefined {
  try {
    const header = upfHeader(bytes.subarray(0, HEAD_BYTES).toString('latin1'));
    return { name, path, sha256: createHash('sha256').update(bytes).digest('hex'), ...header };
  } catch (error) {
    if (error instanceof RejectedInput) return undefined;
    throw error;
  }
}

async function namesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such folder' : String(cause);
    throw new AppError(
      'input_unreadable',
      `pseudopotentials: ${folder}: ${reason}; name the folder of your UPF files`,
      {
        cause,
      },
    );
  }
}
