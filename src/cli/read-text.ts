import { createReadStream } from 'node:fs';
import { AppError } from '../model/app-error.ts';
import { RejectedInput } from '../model/rejection.ts';

export interface TextLimit {
  readonly bytesMax: number;
  /** What to do about a longer file. */
  readonly remedy: string;
}

/**
 * A small file, or standard input for `-`, as UTF-8 text without its byte order mark.
 * @throws RejectedInput `too_large`, `bad_encoding`; AppError `input_unreadable`
 */
export async function readText(path: string, { bytesMax, remedy }: TextLimit): Promise<string> {
  const source = sourceName(path);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      size += (chunk as Buffer).length;
      if (size > bytesMax) throw new RejectedInput('too_large', `${source}: over ${bytesMax / 2 ** 20} MiB: ${remedy}`);
      chunks.push(chunk as Buffer);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof RejectedInput) throw error;
    if (error instanceof TypeError) {
      throw new RejectedInput('bad_encoding', `${source}: not UTF-8 text: unpack it or save it as plain text`);
    }
    throw new AppError('input_unreadable', `cannot read ${source}: ${reason(error)}`, { cause: error });
  }
}

/** How messages name a path. */
export function sourceName(path: string): string {
  return path === '-' ? 'standard input' : path;
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file: check the path';
  if (code === 'EISDIR') return 'it is a folder: name a file';
  if (code === 'EACCES') return 'permission denied: check its access rights';
  return message;
}
