import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFileSource } from '../../../../src/adapters/sources/files/file-source.ts';
import { hostileFiles } from '../../../support/runs/hostile-files.ts';
import { outcarText } from '../../../support/runs/outcar-text.ts';

const FILES_MIN = 80;
const MEBIBYTES_MAX = 512;
/** Of processor time: how long that takes depends on what else runs. */
const SECONDS_MAX = 10;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elastream-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('each malformed or hostile file is refused for its reason, in 10 s and 512 MiB', { timeout: 600_000 }, async () => {
  const files: { path: string; reason: string }[] = [];
  for (const { name, content, reason } of hostileFiles()) {
    const path = join(folder, name);
    writeFileSync(path, content);
    files.push({ path, reason });
  }
  expect(files.length).toBeGreaterThanOrEqual(FILES_MIN);
  // In a process of its own, whose memory is that of reading alone.
  const script = ['--script', 'test/support/runs/read-each.ts', ...files.map(({ path }) => path)];
  const { stdout } = await promisify(execFile)('node_modules/.bin/vite-node', script);
  const results = stdout.trim().split('\n');
  expect(results.length).toBe(files.length);
  const wrong = files.flatMap(({ path, reason }, i) => {
    const { outcome, seconds, mebibytes } = JSON.parse(results[i]!) as {
      outcome: string;
      seconds: number;
      mebibytes: number;
    };
    const isRight = outcome === reason && seconds < SECONDS_MAX && mebibytes < MEBIBYTES_MAX;
    return isRight ? [] : [`${path}: ${results[i]} instead of ${reason}`];
  });
  expect(wrong).toEqual([]);
});

it('a link that leads out of the folder is not followed', async () => {
  mkdirSync(join(folder, 'given/inside'), { recursive: true });
  mkdirSync(join(folder, 'elsewhere'));
  writeFileSync(join(folder, 'elsewhere/OUTCAR'), outcarText());
  symlinkSync('../elsewhere/OUTCAR', join(folder, 'given/OUTCAR'));
  symlinkSync('../../elsewhere', join(folder, 'given/inside/runs'));
  const source = await openFileSource(join(folder, 'given'));
  const found: string[] = [];
  for await (const item of source.read())
    found.push(item.kind === 'rejection' ? item.rejection.code : item.material.id);
  expect(found).toEqual(['unreadable', 'unreadable']);
});
