import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { childrenOf, eventsInLog, isRunning, startCampaign } from '../support/campaign-process.ts';
import { cliMain } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { readLogContent } from '../support/log-content.ts';
import { comparableEvent } from '../support/run-content.ts';
import { differingEvents, type LogContent } from '../support/simulation/checked-guarantees.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

const { materials, members, calculations } = TOPICS;
/** What is at work is small here; longer than this, and something waits for its end in vain. */
const PROMPT_MS = 8_000;
const GOES_ON = /^elastream: interrupted .*; the same command goes on from there$/m;

describeWithLightGbm('a run that is told to stop', () => {
  const campaign = tinyCampaign({ rounds: 3 });
  const folder = dirname(campaign.directory);
  const slow = tinyCampaign({ edit: (yaml) => `${yaml}  delay_seconds: 3600\n` });
  const neverReturning = '  never_returning_rate: 1\n  expire_after_seconds: 4\n';
  const endless = tinyCampaign({ rounds: 1, edit: (yaml) => `${yaml}${neverReturning}` });
  afterAll(() => Promise.all([campaign, slow, endless].map((one) => one.remove())));

  const start = (directory: string, file = campaign.file, args: readonly string[] = []) =>
    startCampaign([file, '--dir', directory, '--no-report', '--no-tables', ...args]);

  async function finished(directory: string, file?: string, args?: readonly string[]): Promise<LogContent> {
    const { code, stderr } = await start(directory, file, args).ended;
    expect(code, stderr).toBe(0);
    return readLogContent(directory);
  }

  let uninterrupted: Promise<LogContent> | undefined;
  async function expectSame(directory: string): Promise<void> {
    uninterrupted ??= finished(join(folder, 'uninterrupted'));
    const differing = differingEvents(await finished(directory), await uninterrupted, comparableEvent);
    // Written only where tables are.
    expect(differing.filter((event) => !event.includes('PredictionsStored')).slice(0, 5)).toEqual([]);
  }

  it.for([
    ['SIGINT', 'ingestion', materials.name, 20],
    ['SIGINT', 'training', members.name, 2],
    ['SIGTERM', 'training', members.name, 5],
  ] as const)(
    'by %s in %s stops, says how to go on, and gives the same in the end',
    async ([signal, , topic, events]) => {
      const directory = join(folder, `${signal}-${topic}-${events}`);
      const run = start(directory);
      await eventsInLog(run, directory, topic, events);
      run.process.kill(signal);
      const { code, stderr } = await run.ended;
      expect(stderr).toMatch(/finishing what is at work; press Ctrl-C again to stop at once/);
      expect(stderr).toMatch(GOES_ON);
      expect(code).toBe(130);
      await expectSame(directory);
    },
  );

  it('before anything is open, ends alike', async () => {
    const directory = join(folder, 'early');
    const run = start(directory);
    await sleep(250);
    run.process.kill('SIGINT');
    const { code, signal } = await run.ended;
    // Node itself takes a moment to start; until then the signal ends the process.
    expect(signal ?? code).toBe(signal === null ? 130 : 'SIGINT');
    await expectSame(directory);
  });

  it('twice, ends at once, leaves no child, and loses nothing', async () => {
    const directory = join(folder, 'twice');
    const run = startCampaign([campaign.file, '--dir', directory, '--no-report']);
    await eventsInLog(run, directory, members.name, 2);
    const children = childrenOf(run.process.pid!);
    run.process.kill('SIGINT');
    // Sooner, it would be npm's echo of the first.
    await sleep(300);
    run.process.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    await eventually(() => !children.some(isRunning));
    await expectSame(directory);
  });

  it.for([
    ['that take an hour', slow],
    ['that never return', endless],
  ] as const)('while it waits for calculations %s, does not wait', async ([, { file, directory }]) => {
    const run = start(directory, file);
    await eventsInLog(run, directory, calculations.name, 5);
    const before = performance.now();
    run.process.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(performance.now() - before).toBeLessThan(PROMPT_MS);
    expect(stderr).toMatch(/interrupted in round 1 of tiny; the same command/);
    expect(code).toBe(130);
  });

  it('while calculations never return, gives the same as one that was left alone', async () => {
    const alone = await finished(join(folder, 'endless'), endless.file);
    expect(differingEvents(await finished(endless.directory, endless.file), alone, comparableEvent)).toEqual([]);
  });

  it('with two campaigns beside each other, goes on with both', async () => {
    const directory = join(folder, 'both');
    const run = start(directory, campaign.file, ['--compare', 'random']);
    await eventsInLog(run, directory, members.name, 8);
    run.process.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(stderr).toMatch(/interrupted in round \d of tiny and in round \d of tiny-random; the same command/);
    expect(code).toBe(130);
    const resumed = await finished(directory, campaign.file, ['--compare', 'random']);
    const alone = await finished(join(folder, 'both-alone'), campaign.file, ['--compare', 'random']);
    expect(differingEvents(resumed, alone, comparableEvent).slice(0, 5)).toEqual([]);
  });

  it('through npm, which sends each Ctrl-C of the terminal a second time', async () => {
    const project = join(folder, 'npm');
    const directory = join(project, 'run');
    mkdirSync(project);
    const command = `"${process.execPath}" "${cliMain()}" run "${campaign.file}" --dir run --no-report --no-tables`;
    writeFileSync(join(project, 'package.json'), JSON.stringify({ scripts: { start: command } }));
    // A process group of its own, as a terminal's foreground job is one.
    const npm = spawn('npm', ['start'], { cwd: project, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    npm.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const closed = once(npm, 'close');
    await eventsInLog({ process: npm }, directory, members.name, 2);
    process.kill(-npm.pid!, 'SIGINT');
    const [code, signal] = await closed;
    expect(stderr).toMatch(GOES_ON);
    // npm ends by the signal itself, which a shell reports as 130.
    expect(['SIGINT', 130]).toContain(signal ?? code);
    await expectSame(directory);
  });
});
