import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, stat, symlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../../model/app-error.ts';
import type { ProgramRun } from '../../../ports/simulation-code.ts';
import { CLAIM, ENDED, runScript, SCRIPT } from './run-script.ts';

/** Of each text that is read from a run's folder: its end is kept, where programs say how they ended. */
const OUTPUT_BYTES_MAX = 16 * 2 ** 20;

/** What `run.sh` has written at its end. */
export interface RunEnding {
  readonly exitCode: number;
  readonly seconds: number;
  readonly node: string;
}

/** Who has claimed a run's folder. */
export interface RunOwner {
  readonly pid: number;
  readonly node: string;
  /** Seconds since 1970 by its clock. */
  readonly began: number;
  /** Of a batch queue; empty without one. */
  readonly jobId: string;
}

/**
 * Writes a run's folder, unless that was done before; its script comes last and in one piece, so that a folder with a
 * script is whole.
 * @throws AppError `storage_unwritable`
 */
export async function prepareFolder(folder: string, run: ProgramRun): Promise<void> {
  await unlessUnwritable(folder, async () => {
    if ((await textOf(join(folder, SCRIPT))) !== undefined) return;
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(run.files)) await writeWhole(join(folder, fileName(name)), text);
    for (const [name, target] of Object.entries(run.links ?? {})) {
      await symlink(target, join(folder, fileName(name))).catch(ignoring('EEXIST'));
    }
    await writeWhole(join(folder, SCRIPT), runScript(run));
  });
}

/** A code's file names are its own, and a mistake in them must not reach beyond the folder. */
function fileName(name: string): string {
  if (/^[\w][\w.+-]{0,199}$/.test(name) && ![SCRIPT, CLAIM, ENDED].includes(name)) return name;
  throw new AppError('internal', `${JSON.stringify(name)} is no name for a file of a run`);
}

let written = 0;

/** In one piece: whoever reads it sees all of it or none. */
async function writeWhole(path: string, text: string): Promise<void> {
  // Others may do the same at this moment, here and elsewhere.
  const whole = `${path}.${hostname()}-${process.pid}-${++written}`;
  const file = await open(whole, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(whole, path);
}

/**
 * Writes a record as JSON, unless it is there.
 * @returns whether it was there
 */
export async function writeRecord(path: string, made: () => Promise<object>): Promise<boolean> {
  if ((await textOf(path)) !== undefined) return true;
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, `${JSON.stringify(await made(), undefined, 2)}\n`);
  return false;
}

/** @throws AppError `storage_unwritable` that names the folder */
export async function unlessUnwritable<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (cause instanceof AppError || code === undefined) throw cause;
    const remedy = 'make room and give the right to write there; it is tried again';
    throw new AppError('storage_unwritable', `${folder} cannot be written (${message}): ${remedy}`, {
      cause,
      retryable: true,
    });
  }
}

export async function readEnding(folder: string): Promise<RunEnding | undefined> {
  const [code, seconds, node = ''] = ((await textOf(join(folder, ENDED))) ?? '').split('\n');
  if (code === undefined || !/^\d+$/.test(code)) return undefined;
  return { exitCode: Number(code), seconds: Math.max(0, Number(seconds) || 0), node };
}

/** Undefined before the claim; without a process's id where the claim was made and nothing else yet. */
export async function readOwner(folder: string): Promise<Partial<RunOwner> | undefined> {
  const text = await textOf(join(folder, CLAIM, 'owner'));
  if (text === undefined) {
    const claim = await stat(join(folder, CLAIM)).catch(ignoring('ENOENT'));
    return claim && { began: claim.mtimeMs / 1000 };
  }
  const [pid = '', node = '', began = '', jobId = ''] = text.split('\n');
  return { pid: Number(pid), node, began: Number(began), jobId };
}

/** The texts of a run's outputs, each cut at its beginning if it is longer than 16 MiB; what is not there has none. */
export async function readOutputs(folder: string, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of new Set([...names, 'stdout.txt', 'stderr.txt'])) {
    const text = await tailOf(join(folder, fileName(name)), OUTPUT_BYTES_MAX);
    if (text !== undefined) found.set(name, text);
  }
  return found;
}

/** The last bytes of a file as text; undefined if it is not there. */
export async function tailOf(path: string, bytesMax: number): Promise<string | undefined> {
  const file = await open(path).catch(ignoring('ENOENT'));
  if (file === undefined) return undefined;
  try {
    const status = await file.stat();
    if (!status.isFile()) return undefined;
    const length = Math.min(status.size, bytesMax);
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, status.size - length);
    return new TextDecoder().decode(bytes.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** Undefined for what is not there. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESTALE') return undefined;
    throw error;
  }
}

/** SHA-256 of files by name, in hexadecimal digits. */
export async function fileHashes(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const [name, path] of Object.entries(files)) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    hashes[name] = hash.digest('hex');
  }
  return hashes;
}

function ignoring(ignored: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code === ignored) return undefined;
    throw error;
  };
}
