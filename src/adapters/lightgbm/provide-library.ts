import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError } from '../../model/app-error.ts';
import { LIGHTGBM_VERSION, LOCKED_WHEELS } from './library-lock.ts';
import type { LockedWheel } from './locked-wheel.ts';
import { pipDownload } from './pip-download.ts';
import { provideWheelMember } from './wheel-member.ts';

/** LightGBM's C library: its file, and its hash, which is part of a member's engine fingerprint. */
export interface LightGbmLibrary {
  readonly path: string;
  readonly sha256: string;
}

export interface ProvideOptions {
  /** `LIGHTGBM_LIBRARY`: a library to use as it is. `XDG_CACHE_HOME`: where to keep a downloaded one. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly wheels: Readonly<Record<string, LockedWheel>>;
  /** Downloads the wheel into a folder and returns its path. */
  readonly download: (wheel: LockedWheel, folder: string) => Promise<string>;
}

/**
 * Returns LightGBM's library: the one that `LIGHTGBM_LIBRARY` names, else the one in the user's cache, else the one in
 * the wheel that pip downloads. The last two must have the locked SHA-256.
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
  try {
    const path = await provideWheelMember({ environment, platform, wheels, download });
    return { path, sha256: wheels[platform]!.memberSha256 };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, howToGet(error.message), { retryable: error.retryable, cause: error });
  }
}

/** One line that tells the user what to do. */
function howToGet(reason: string): string {
  return (
    `LightGBM's library is not here and could not be fetched (${reason}). Install pip (apt-get install python3-pip) and ` +
    `try again; or run "pip download lightgbm==${LIGHTGBM_VERSION} --no-deps" where there is a network, unzip ` +
    'lib_lightgbm out of the .whl file, and set LIGHTGBM_LIBRARY to its path'
  );
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
