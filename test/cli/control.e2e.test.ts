import { statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findSocket } from '../../src/adapters/unix-socket/socket-path.ts';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { eventsInLog, startCampaign } from '../support/campaign-process.ts';
import { runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

it.each(['pause', 'resume', 'cancel'])('%s takes what its examples show, and says so', async (name) => {
  const help = await runCli([name, '--help']);
  expect(help.stdout).toMatch(new RegExp(`^Usage: elastream ${name} --dir <dir> \\[options\\] <campaign>\n`));
  const [example] = /\w+ --cluster .*/.exec(help.stdout.slice(help.stdout.indexOf('Example')))!;
  // Nobody listens there: the command line has been understood.
  const args = example.replace(':7400', ':1').split(' ');
  expect(await runCli(args)).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody answers there') });
  for (const [wrong, remedy] of [
    [[name], 'name the place: --dir DIR, or --cluster URL'],
    [[name, 'steel'], 'name the place: --dir DIR, or --cluster URL; or is the campaign missing?'],
    [[name, '--dir', 'nowhere'], "missing required argument 'campaign'"],
    [[name, '--dir', 'nowhere', 'steel'], 'nowhere holds no campaign'],
    [[...args, 'another'], 'too many arguments'],
  ] as const) {
    expect(await runCli([...wrong])).toMatchObject({ code: 2, stderr: expect.stringContaining(remedy) });
  }
});

describeWithLightGbm('campaigns of a directory', () => {
  const waiting = tinyCampaign({ edit: (yaml) => `${yaml}  delay_seconds: 3600\n` });
  const resting = tinyCampaign({ rounds: 1 });
  afterAll(() => Promise.all([waiting, resting].map((one) => one.remove())));

  const ask = (command: string, directory: string, ...args: string[]) => runCli([command, '--dir', directory, ...args]);
  async function stateOf(directory: string) {
    const { stdout } = await ask('status', directory, '--json');
    const [{ state, stop_reason }] = JSON.parse(stdout);
    return stop_reason === null ? state : `${state} ${stop_reason}`;
  }

  it('are paused, resumed and cancelled beside the process that runs them', async () => {
    const { file, directory } = waiting;
    const run = startCampaign([file, '--dir', directory, '--no-report', '--no-tables']);
    await eventsInLog(run, directory, TOPICS.calculations.name, 2);
    const socket = await findSocket(directory);
    expect(statSync(socket!).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(socket!)).mode & 0o777).toBe(0o700);
    expect(await ask('pause', directory, 'tiny')).toMatchObject({ code: 0, stderr: 'tiny paused\n' });
    expect(await stateOf(directory)).toBe('paused');
    const unknown = 'elastream: there is no campaign "tin": there are tiny\n';
    expect(await ask('pause', directory, 'tin')).toMatchObject({ code: 2, stderr: unknown });
    expect(await ask('resume', directory, 'tiny')).toMatchObject({ code: 0, stderr: 'tiny goes on\n' });
    expect(await stateOf(directory)).toBe('running');
    expect(await ask('submit', directory, '--label-set', 'more', structure(directory))).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('silicon.poscar: 1 materials, 0 labels'),
    });
    expect(await ask('cancel', directory, 'tiny')).toMatchObject({ code: 0, stderr: 'tiny is cancelled\n' });
    const { code, stderr } = await run.ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining("tiny is paused: 'elastream resume --dir")]);
    expect(stderr).toContain('tiny is over (cancelled)');
    await eventually(async () => (await findSocket(directory)) === undefined);
    expect(await stateOf(directory)).toBe('finished cancelled');
  });

  it('are paused, resumed and cancelled where nobody runs them, and go on as they were told', async () => {
    const { file, directory } = resting;
    const run = startCampaign([file, '--dir', directory, '--no-report', '--no-tables']);
    await eventsInLog(run, directory, TOPICS.campaigns.name, 1);
    run.process.kill('SIGKILL');
    await run.ended;
    expect(await ask('pause', directory, 'tiny')).toMatchObject({ code: 0, stderr: 'tiny paused\n' });
    expect(await stateOf(directory)).toBe('paused');
    const submitted = () => ask('submit', directory, '--label-set', 'more', '--json', structure(directory));
    const first = await submitted();
    expect(JSON.parse(first.stdout)).toMatchObject({ materials: 1, labels: 0, rejected: 0 });
    expect((await submitted()).stdout).toBe(first.stdout);
    expect(await ask('resume', directory, 'tiny')).toMatchObject({ code: 0 });
    expect((await resting.run()).code).toBe(0);
    expect(await stateOf(directory)).toBe('finished rounds');
    const over = 'elastream: campaign tiny has stopped (rounds): nothing can be asked of it\n';
    expect(await ask('cancel', directory, 'tiny')).toMatchObject({ code: 2, stderr: over });
  });

  it('are submitted nothing that a gateway would refuse', async () => {
    const { directory } = resting;
    const refused = await ask(
      'submit',
      directory,
      '--label-set',
      'campaign:tiny',
      join(dirname(resting.file), 'data.jsonl'),
    );
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('are given by elastream alone') });
  });
});

/** Silicon, which the campaigns' data do not hold. */
function structure(directory: string): string {
  const path = join(dirname(directory), 'silicon.poscar');
  writeFileSync(path, 'Si\n1.0\n0 2.7 2.7\n2.7 0 2.7\n2.7 2.7 0\nSi\n2\nDirect\n0 0 0\n0.25 0.25 0.25\n');
  return path;
}
