import { statfsSync } from 'node:fs';
import { constants } from 'node:os';
import { AppError } from '../../model/app-error.ts';

/** LMDB's error codes, from lmdb.h. */
const MDB = { corrupted: -30796, versionMismatch: -30794, invalid: -30793, mapFull: -30792 };
/**
 * Codes of a full disk. EFBIG is a limit on file sizes. LMDB turns a short write, the usual sign of a full disk, into
 * EIO.
 */
const FULL: readonly unknown[] = [
  constants.errno.ENOSPC,
  constants.errno.EDQUOT,
  constants.errno.EFBIG,
  constants.errno.EIO,
  MDB.mapFull,
];
const NOT_OURS: readonly unknown[] = [MDB.versionMismatch, MDB.invalid];

/** Converts an error of LMDB to one that tells the user what it means. */
export function storeError(error: unknown, kind: string, directory: string): AppError {
  if (error instanceof AppError) return error;
  const { code: named, errno, message } = error as { code?: unknown; errno?: number; message: string };
  // Errors of node:fs have a negative number in the field `errno`.
  const code = errno === undefined ? named : -errno;
  if (FULL.includes(code)) {
    // The rest of LMDB's message is page numbers.
    const reason = message.split(': Attempting')[0];
    const space = `${freeMebibytes(directory)} MiB free`;
    return new AppError(
      'storage_unwritable',
      `the disk of ${directory} is full or failing (${reason}; ${space}); nothing half-written is kept: make room and start again`,
      { cause: error },
    );
  }
  if (NOT_OURS.includes(code)) {
    return new AppError(
      'storage_incompatible',
      `${directory} holds no ${kind} that this version can read (${message})`,
      {
        cause: error,
      },
    );
  }
  if (code === MDB.corrupted) {
    return new AppError(
      'storage_corrupt',
      `the ${kind} in ${directory} is damaged (${message}); restore it from a copy`,
      {
        cause: error,
      },
    );
  }
  return new AppError('storage_unwritable', `the ${kind} in ${directory} cannot be used: ${message}`, { cause: error });
}

function freeMebibytes(directory: string): number | string {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return Math.floor((bavail * bsize) / 2 ** 20);
  } catch {
    return '?';
  }
}
