import { readFileSync } from 'node:fs';
import { AppError } from '../../src/model/app-error.ts';

/** @throws AppError `invalid_argument` where it cannot be read */
export function readSecretFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('invalid_argument', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/**
 * A file's text as it is whenever it is asked for, or as it was last while it cannot be read or is empty: whoever renews
 * a secret may write its file just then.
 * @throws AppError `invalid_argument` where it cannot be read now
 */
export function renewedText(file: string): () => string {
  let last = readSecretFile(file);
  return () => {
    try {
      last = readSecretFile(file) || last;
    } catch {
      // The last one may still do.
    }
    return last;
  };
}

/** A password's file, whose line end is none of it. */
export function renewedSecret(file: string): () => string {
  const text = renewedText(file);
  return () => text().trim();
}
