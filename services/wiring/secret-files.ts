import { readFileSync } from 'node:fs';
import { AppError } from '../../src/model/app-error.ts';

/** @throws AppError `invalid_argument` if the file cannot be read */
export function readSecretFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('invalid_argument', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Returns a function that reads the file's current text. While the file is unreadable or empty, the function returns
 * the last text: a program may be renewing the secret at that moment.
 * @throws AppError `invalid_argument` if the file cannot be read now
 */
export function renewedText(file: string): () => string {
  let last = readSecretFile(file);
  return () => {
    try {
      last = readSecretFile(file) || last;
    } catch {
      // The last text may still be valid.
    }
    return last;
  };
}

/** Like `renewedText`, for a password: without the line end. */
export function renewedSecret(file: string): () => string {
  const text = renewedText(file);
  return () => text().trim();
}
