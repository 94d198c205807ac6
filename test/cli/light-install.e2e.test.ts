import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';
import { installedPackage } from '../support/without-chdb.ts';

const SILICON = fileURLToPath(new URL('../fixtures/structures/accepted/silicon.poscar', import.meta.url));

describeWithLightGbm("npm pack's file, installed without chdb", () => {
  const scratch = scratchDirectory();
  const tiny = tinyCampaign();
  let elastream: ReturnType<typeof installedPackage>;
  beforeAll(() => {
    elastream = installedPackage(scratch.path);
  });
  afterAll(async () => {
    await tiny.remove();
    await scratch.remove();
  });

  it('runs a campaign, and says what it leaves out', () => {
    const { code, stderr } = elastream(['run', tiny.file, '--dir', tiny.directory]);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/no tables for elastream sql: .*'npm install chdb@3.4'/),
    });
  });

  it.each([
    ['status', []],
    ['predict', [SILICON]],
    ['report', ['-o', '-']],
    ['export', ['--what', 'labels']],
  ])('%s works', (command, args) => {
    const { code, stdout, stderr } = elastream([command, tiny.directory, ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.length).toBeGreaterThan(100);
  });

  it.each([
    ['featurize', [SILICON]],
    ['init', [join(scratch.path, 'new.yaml'), '--data', join(dirname(tiny.file), 'data.jsonl')]],
    ['completion', ['bash']],
    ['doctor', ['--dir', scratch.path]],
  ])('%s works', (command, args) => expect(elastream([command, ...args]).code).toBe(0));

  it('rebuild trains lost models again', () => {
    const before = elastream(['export', tiny.directory]);
    rmSync(join(tiny.directory, 'models'), { recursive: true });
    const { code, stderr } = elastream(['rebuild', tiny.directory]);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/^no tables, only the models/) });
    expect(elastream(['export', tiny.directory])).toEqual(before);
  });

  it('sql alone says what to install', () => {
    const { code, stderr } = elastream(['sql', tiny.directory, 'SELECT 1']);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no tables to ask .*elastream rebuild .*npm install chdb/),
    });
  });
});
