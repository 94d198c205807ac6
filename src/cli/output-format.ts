import { extname } from 'node:path';
import { AppError } from '../model/app-error.ts';

/**
 * The format that an output is named for.
 * @param formats by extension, in lower case
 * @param otherwise for standard output, and for a name without an extension, as pipes and devices have
 * @throws AppError `invalid_argument` where the extension is none of these
 */
export function formatOfName<F>(output: string, formats: Readonly<Record<string, F>>, otherwise: F): F {
  if (output === '-') return otherwise;
  const extension = extname(output.replace(/\.gz$/, '')).slice(1).toLowerCase();
  if (extension === '') return otherwise;
  if (Object.hasOwn(formats, extension)) return formats[extension]!;
  const known = Object.keys(formats).map((one) => `.${one}`);
  const message = `${output}: the extension .${extension} names no format: use ${known.join(', ')}`;
  throw new AppError('invalid_argument', message);
}

/** @throws AppError `invalid_argument` where a format that is compressed in itself is to be compressed */
export function assertCompressible(output: string, format: string): void {
  if (format !== 'parquet' || !output.endsWith('.gz')) return;
  throw new AppError('invalid_argument', 'Parquet is compressed in itself; drop .gz from the name of the output');
}
