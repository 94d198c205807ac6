import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { upfHeader } from '../../../formats/espresso/upf-header.ts';
import { AppError } from '../../../model/app-error.ts';
import { RejectedInput } from '../../../model/rejection.ts';

/** What a file of a folder of pseudopotentials is. */
interface ReadPseudopotential {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly element: string;
  readonly functional: string;
  readonly isAugmented: boolean;
}

const UPF = /[.]upf$/i;
/** Headers stand behind an information block of some kilobytes. */
const HEAD_BYTES = 256 * 1024;

/**
 * The pseudopotentials of a folder, by name; files that are none in UPF are passed over.
 * @throws AppError `input_unreadable`
 */
export async function readPseudopotentials(folder: string): Promise<ReadPseudopotential[]> {
  const found: ReadPseudopotential[] = [];
  for (const name of (await namesOf(folder)).filter((one) => UPF.test(one)).sort()) {
    const path = resolve(join(folder, name));
    const bytes = await readFile(path).catch((cause) => {
      throw new AppError('input_unreadable', `the pseudopotential ${path} cannot be read: ${cause.message}`, { cause });
    });
    try {
      const header = upfHeader(bytes.subarray(0, HEAD_BYTES).toString('latin1'));
      found.push({ name, path, sha256: createHash('sha256').update(bytes).digest('hex'), ...header });
    } catch (error) {
      if (!(error instanceof RejectedInput)) throw error;
    }
  }
  return found;
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
