import { createHash } from 'node:crypto';
import { AppError } from '../../model/app-error.ts';

const FIRST = '\nTree=0\n';
const END = '\nend of trees\n';

/**
 * Returns the identity of a model: `h1:` and the SHA-256 of the UTF-8 bytes from `Tree=0` up to `end of trees`. The
 * rest of the text (parameters, file paths, importances) may differ between machines for the same trees.
 * @throws AppError `input_unreadable`
 */
export function treesHash(modelText: string): string {
  const start = modelText.indexOf(FIRST) + 1;
  if (start === 0)
    throw new AppError('input_unreadable', 'the model text has no "Tree=0": it is empty, cut or foreign');
  const end = modelText.indexOf(END, start) + 1;
  if (end === 0) throw new AppError('input_unreadable', 'the model text has no "end of trees": it is cut off');
  return `h1:${createHash('sha256').update(modelText.slice(start, end)).digest('hex')}`;
}
