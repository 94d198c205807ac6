import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../../model/app-error.ts';

/*
 * lmdb 3.5 uses freed memory when LMDB refuses to open a file: the process ends with a segmentation fault and no
 * message. So this file checks everything that LMDB would refuse before LMDB opens the file.
 */

/** Layout of the first meta page: flags, then magic and version, little-endian; from mdb.c. */
const META = { flagsAt: 18, isMeta: 0x08, magicAt: 24, magic: 0xbeefc0de, versionAt: 28, version: 2, bytes: 64 };
/** Size of two meta pages of the smallest page size. */
const FILE_BYTES_MIN = 8192;
/** Size of the first writes of a new environment: its meta pages and a reader table. */
const FIRST_BYTES = 64 * 1024;

/**
 * Creates the directory. The error of `mkdir` itself names neither the folder nor the reason, so the error is built
 * here.
 */
export function makeDirectory(directory: string, kind: string): void {
  const existing = nearestExisting(directory);
  try {
    accessSync(existing, constants.W_OK);
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    const reason = (cause as Error).message.replace(/, \w+ '.*'$/, '');
    const message = `cannot make the ${kind} in ${directory}: ${existing} cannot be written (${reason}): use another directory`;
    throw new AppError('storage_unwritable', message, { cause });
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/** @throws AppError if LMDB could not open the directory; errors of the file system as `node:fs` throws them */
export function assertOpenable(directory: string, kind: string, readOnly: boolean): void {
  const data = join(directory, 'data.mdb');
  const bytes = existsSync(data) ? statSync(data).size : 0;
  if (bytes === 0 && readOnly) throw new AppError('input_unreadable', `there is no ${kind} in ${directory}`);
  if (!readOnly) {
    for (const file of [data, join(directory, 'lock.mdb')]) {
      accessSync(existsSync(file) ? file : directory, constants.R_OK | constants.W_OK);
    }
  }
  if (bytes === 0) assertRoom(join(directory, 'data.mdb.probe'));
  else assertHeader(data, bytes, kind);
}

function assertHeader(file: string, bytes: number, kind: string): void {
  const header = Buffer.alloc(META.bytes);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, META.bytes, 0);
  } finally {
    closeSync(descriptor);
  }
  const isMeta = (header.readUInt16LE(META.flagsAt) & META.isMeta) !== 0;
  if (!isMeta || header.readUInt32LE(META.magicAt) !== META.magic) {
    const remedy = `move it away, or use another directory`;
    throw new AppError(
      'storage_incompatible',
      `${file} is no ${kind} of elastream, or its beginning is lost: ${remedy}`,
    );
  }
  const version = header.readUInt16LE(META.versionAt);
  if (version !== META.version) {
    const message = `${file} has LMDB's format ${version}, and this version of elastream reads ${META.version}`;
    throw new AppError('storage_incompatible', `${message}: use the version that wrote it, or another directory`);
  }
  if (bytes >= FILE_BYTES_MIN) return;
  throw new AppError('storage_corrupt', `${file} is cut off after ${bytes} bytes: restore it from a copy`);
}

function assertRoom(probe: string): void {
  const descriptor = openSync(probe, 'w');
  try {
    writeSync(descriptor, Buffer.alloc(FIRST_BYTES));
  } finally {
    closeSync(descriptor);
    rmSync(probe, { force: true });
  }
}
