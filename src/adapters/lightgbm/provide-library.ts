import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { AppError } from '../../model/app-error.ts';
import { LIGHTGBM_VERSION, LOCKED_WHEELS, type LockedWheel } from './library-lock.ts';
import { howToGet, pipDownload } from './pip-download.ts';
import { zipMember } from './zip-member.ts';

/** LightGBM's C library as a file, and the hash that names it in a member's engine fingerprint. */
export interface LightGbmLibrary {
  readonly path: string;
  readonly sha256: string;
}

export interface ProvideOptions {
  /** `LIGHTGBM_LIBRARY`: a library to take as it is. `XDG_CACHE_HOME`: where to keep the one that is fetched. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly wheels: Readonly<Record<string, LockedWheel>>;
  /** Puts the wheel into a folder and gives its path. */
  readonly download: (wheel: LockedWheel, folder: string) => Promise<string>;
}

/**
 * Gives LightGBM's library: the one that `LIGHTGBM_LIBRARY` names, else the one in the user's cache, else out of the
 * wheel that pip downloads; the latter two only if their SHA-256 is the locked one. Needs a network the first time only.
 * Several processes may do so at once: each works in a folder of its own, and a rename puts the file in place whole.
 * @throws AppError `dependency_missing` that says what to do
 */
export async function provideLightGbmLibrary(options: Partial<ProvideOptions> = {}): Promise<LightGbmLibrary> {
  const { environment, platform, wheels, download }: ProvideOptions = {
    environment: process.env,
    platform: `${process.platform}-${process.arch}`,
    wheels: LOCKED_WHEELS,
    download: pipDownload,
    ...options,
  };
  const given = environment.LIGHTGBM_LIBRARY;
  if (given) return { path: given, sha256: sha256(await readGiven(given)) };
  const wheel = wheels[platform];
  if (wheel === undefined) {
    const known = Object.keys(wheels).join(', ');
    throw new AppError('dependency_missing', howToGet(`no wheel is known for ${platform}, only for ${known}`));
  }
  const cache = environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'elastream', `lightgbm-${LIGHTGBM_VERSION}-${wheel.librarySha256.slice(0, 12)}`);
  const path = join(folder, basename(wheel.member));
  if (!(await holds(path, wheel.librarySha256))) await fetchInto(folder, path, wheel, download);
  return { path, sha256: wheel.librarySha256 };
}

async function fetchInto(folder: string, path: string, wheel: LockedWheel, download: ProvideOptions['download']) {
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(join(folder, 'fetch-'));
  try {
    const archive = await readFile(await download(wheel, temporary));
    expectHash('the wheel', archive, wheel.wheelSha256);
    const library = zipMember(archive, wheel.member);
    expectHash(wheel.member, library, wheel.librarySha256);
    const file = await open(join(temporary, 'library'), 'w', 0o755);
    await file.writeFile(library);
    await file.sync();
    await file.close();
    await rename(join(temporary, 'library'), path);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function expectHash(what: string, bytes: Buffer, expected: string): void {
  const found = sha256(bytes);
  if (found === expected) return;
  throw new AppError('dependency_missing', howToGet(`${what} has SHA-256 ${found}, but ${expected} is locked`));
}

async function holds(path: string, expected: string): Promise<boolean> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes !== undefined && sha256(bytes) === expected;
}

async function readGiven(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new AppError('dependency_missing', `LIGHTGBM_LIBRARY names ${path}, which cannot be read`, { cause });
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
