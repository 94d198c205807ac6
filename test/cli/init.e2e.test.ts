import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { readCampaign } from '../../src/cli/run/read-campaign.ts';
import { runCli } from '../support/cli.ts';

const folder = scratchDirectory();
afterAll(folder.remove);
const cwd = folder.path;
const at = (name: string) => join(cwd, name);

describe('elastream init', () => {
  it('writes a campaign that is ready, its data seen from its folder', async () => {
    mkdirSync(at('campaigns'));
    writeFileSync(at('labels.jsonl'), gunzipSync(readFileSync('examples/elastic-tensor-2015.jsonl.gz')));
    const result = await runCli(['init', 'campaigns/na.yaml', '--data', 'labels.jsonl'], { cwd });
    const next = 'wrote campaigns/na.yaml; next: elastream run campaigns/na.yaml\n';
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining(next) });
    expect(result.stderr).toMatch(/^labels.jsonl: 1,181 materials with structures, 1,181 labels\n/);
    const { config } = await readCampaign(at('campaigns/na.yaml'));
    expect(config.data[0]?.path).toBe(join('..', 'labels.jsonl'));
  });

  it('replaces a file only with --force', async () => {
    expect((await runCli(['init'], { cwd })).stderr).toContain('name your data in it');
    writeFileSync(at('campaign.yaml'), 'mine');
    const refused = await runCli(['init'], { cwd });
    expect([refused.code, refused.stderr]).toEqual([
      2,
      'elastream: campaign.yaml exists: name another file, or add --force to replace it\n',
    ]);
    expect(readFileSync(at('campaign.yaml'), 'utf8')).toBe('mine');
    expect((await runCli(['init', '--force'], { cwd })).code).toBe(0);
    expect(readFileSync(at('campaign.yaml'), 'utf8')).toContain('name: my-campaign');
  });

  it('prints for -', async () => {
    const { code, stdout, stderr } = await runCli(['init', '-'], { cwd });
    expect([code, stdout, stderr]).toEqual([0, readFileSync(at('campaign.yaml'), 'utf8'), '']);
  });

  it('says why a file cannot be written', async () => {
    const { code, stderr } = await runCli(['init', 'no/such/folder.yaml'], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringContaining('elastream: cannot write no/such/folder.yaml: ENOENT')]);
  });
});
