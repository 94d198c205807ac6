import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

describeWithLightGbm('a campaign file with a stop rule that has been changed', () => {
  const campaign = tinyCampaign({ rounds: 1 });
  const { file, directory } = campaign;
  const text = readFileSync(file, 'utf8');
  afterAll(() => campaign.remove());

  async function rounds(rule: string, seed = 1) {
    writeFileSync(file, text.replace('seed: 1', `seed: ${seed}`).replace(/^stop:(\n {2}.*| .*)/m, `stop: ${rule}`));
    const { code, stdout, stderr } = await campaign.run(['--json', '--no-tables', '--no-report']);
    const rows = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    return { code, rounds: rows.map(({ round }) => round), stderr };
  }

  it('goes on where it had stopped, by the same command, as often as it is raised', async () => {
    expect(await rounds('{rounds: 1}')).toMatchObject({ code: 0, rounds: [1, 2] });
    const raised = await rounds('{rounds: 2}');
    expect(raised).toMatchObject({ code: 0, rounds: [3, 4] });
    expect(raised.stderr).toContain('tiny: stop.rounds from 1 to 2\n');
    expect(raised.stderr).toMatch(/tiny is over \(rounds\): 10 labels acquired in 4 rounds/);
    const { stdout } = await runCli(['status', '--dir', directory]);
    expect(stdout).toMatch(
      /tiny: finished after round 4 \(rounds\)\n.*\n {2}stop rule {5}raised: stop.rounds from 1 to 2\n/,
    );
    // Nothing more comes of it: what came is told again.
    expect(await rounds('{rounds: 2}')).toMatchObject({ code: 0, rounds: [1, 2, 3, 4] });
  });

  it('is refused where it is lower, or something else has changed too', async () => {
    const lower =
      'elastream: campaign tiny: stop.rounds is 2 there and 1 now, and can only be raised: set at least 2\n';
    expect(await rounds('{rounds: 1}')).toMatchObject({ code: 2, rounds: [], stderr: expect.stringContaining(lower) });
    const other = await rounds('{rounds: 9}', 5);
    expect(other).toMatchObject({ code: 2, rounds: [], stderr: expect.stringContaining('was begun here with other') });
    const { stdout } = await runCli(['status', directory, '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      { state: 'finished', stop_raised: { from: { rounds: 1 }, to: { rounds: 2 } } },
    ]);
  });
});
