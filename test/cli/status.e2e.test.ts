import { afterAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import type { CampaignStatus } from '../../src/reading/campaign-status.ts';
import { startCampaign } from '../support/campaign-process.ts';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';
import { programWithoutChdb } from '../support/without-chdb.ts';

describeWithLightGbm('elastream status', () => {
  const tiny = tinyCampaign({
    rounds: 1,
    moreLines: ['{"material_id": "without-lattice"}'],
    edit: (yaml) => `${yaml}  delay_seconds: 4\n`,
  });
  const elsewhere = scratchDirectory();
  afterAll(async () => {
    await tiny.remove();
    await elsewhere.remove();
  });
  const status = async (): Promise<CampaignStatus | undefined> => {
    const { code, stdout } = await runCli(['status', tiny.directory, '--json']);
    return code === 0 ? (JSON.parse(stdout) as CampaignStatus[])[0] : undefined;
  };

  it('follows a campaign that another process runs, then one that nobody runs, to its end', async () => {
    const running = startCampaign([tiny.file, '--dir', tiny.directory, '--no-tables', '--no-report', '-q']);
    let seen: CampaignStatus | undefined;
    await expect
      .poll(
        async () => {
          seen = await status();
          return seen?.calculations;
        },
        { timeout: 90_000 },
      )
      .toEqual({ labelled: 0, pending: 5, failed: 0 });
    expect(seen).toMatchObject({
      campaign: 'tiny',
      state: 'running',
      stop_reason: null,
      pid: running.process.pid,
      round: 1,
      labels: { added: 0, wanted: null },
      members: { trained: 3, total: 3 },
      rejections: { missing_field: 1 },
      alarms: [],
      last_round: { round: 1, added: 0 },
    });
    const poolBefore = seen!.pool_left;
    running.process.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    expect(await status()).toMatchObject({ state: 'interrupted', pid: null, calculations: { pending: 5 } });

    const { stdout } = await tiny.run(['--json', '--no-tables', '--no-report', '-q']);
    const finished = await status();
    expect(finished).toMatchObject({
      state: 'finished',
      stop_reason: 'rounds',
      round: 2,
      labels: { added: 5, wanted: null },
      pool_left: poolBefore,
      last_round: JSON.parse(stdout.trimEnd().split('\n').at(-1)!),
    });
  });

  it('says the same to people, without chdb and LightGBM, and again until Ctrl-C', async () => {
    const { code, stdout, stderr } = programWithoutChdb(elsewhere.path)(['status', tiny.directory]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^tiny: finished after round 2 \(rounds\)\n {2}labels {8}5 added\n/);
    expect(stdout).toMatch(/\n {2}rejected {6}1 missing_field\n$/);
    const watched = await runCli(['status', tiny.directory, '--watch'], { signalAfter: { output: /finished/ } });
    expect(watched).toEqual({ code: 0, signal: null, stderr: '', stdout });
  });

  it('says where there is nothing, and which campaigns there are', async () => {
    const nothing = await runCli(['status', elsewhere.path]);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('holds no campaign (there is no ') });
    const other = await runCli(['status', tiny.directory, '--campaign', 'other']);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('choose with --campaign: tiny') });
  });
});
