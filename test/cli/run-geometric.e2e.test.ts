import { afterAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

const QUIET = ['--quiet', '--no-tables', '--no-report'];

describeWithLightGbm('a campaign with the features of bonds and geometry', () => {
  const edit = (yaml: string) =>
    yaml
      .replace(/^features: .*$/m, 'features: paper+g')
      .replace(/^targets: .*$/m, '')
      .concat('\ntargets: [{name: g_vrh, transform: log}, {name: k_vrh, transform: log}]\n');
  const campaign = tinyCampaign({ rounds: 1, edit });
  const plain = tinyCampaign({ rounds: 1, edit: (yaml) => yaml.replace(/^name: .*$/m, 'name: plain') });
  afterAll(async () => {
    await campaign.remove();
    await plain.remove();
  });

  it('runs in a directory of its own, and predicts nothing below zero', async () => {
    const run = await campaign.run(QUIET);
    expect([run.code, run.stderr]).toEqual([0, '']);
    const exported = await runCli(['export', campaign.directory, '--format', 'jsonl']);
    const rows = exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((row) => !(row.mean_g_vrh! > 0 && row.mean_k_vrh! > 0))).toEqual([]);
  });

  it('lets a campaign without them run beside it', async () => {
    const run = await runCli(['run', plain.file, '--dir', campaign.directory, ...QUIET]);
    expect([run.code, run.stderr]).toEqual([0, '']);
  });

  it('is refused where the log has no such features', async () => {
    expect((await plain.run(QUIET)).code).toBe(0);
    const { code, stderr } = await runCli(['run', campaign.file, '--dir', plain.directory, ...QUIET]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('wants the features paper+g')]);
    expect(stderr).toContain('begin it in a new directory');
  });
});
