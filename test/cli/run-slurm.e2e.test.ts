import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { eventsInLog } from '../support/campaign-process.ts';
import { cliMain } from '../support/cli.ts';
import { readLogContent } from '../support/log-content.ts';
import { startNode } from '../support/node-process.ts';
import { describeWithSlurm, type SlurmCluster, startSlurm } from '../support/slurm/slurm-cluster.ts';
import { tinyCampaign } from '../support/tiny-campaign.ts';

const JOBS = 50;
const CPUS = 10;

/**
 * Of the materials that begin first five fail at each attempt, and five take longer than their time at the first. The
 * first line counts the beginnings.
 */
const PROGRAM = `#!/bin/sh
echo "$1 $2" >> "$3/begun"
if [ "$2" = 1 ]; then
  place=1
  until mkdir "$3/place-$place" 2>/dev/null; do place=$((place + 1)); done
  echo $place > "$3/place-of-$1"
fi
place=$(cat "$3/place-of-$1")
if [ "$place" -le 5 ]; then echo 'it diverges' >&2; exit 4; fi
if [ "$place" -le 10 ] && [ "$2" = 1 ]; then sleep 300; fi
sleep 3
echo '{"g_vrh": 50, "k_vrh": 80}'
`;

describeWithSlurm('a campaign through a real queue', () => {
  let slurm: SlurmCluster;
  beforeAll(async () => {
    slurm = await startSlurm(CPUS);
  }, 60_000);
  const campaign = tinyCampaign({
    rounds: 1,
    batch: JOBS,
    edit: (yaml) => yaml.replace('calculator:\n  kind: replay\n', CALCULATOR),
  });
  const folder = dirname(campaign.file);
  afterAll(async () => {
    await slurm.stop();
    await campaign.remove();
  }, 60_000);
  const CALCULATOR_PROGRAM = join(folder, 'moduli.sh');

  const start = () => {
    const args = ['run', campaign.file, '--dir', campaign.directory, '--no-tables', '--no-report'];
    return startNode([cliMain(), ...args], { env: slurm.environment });
  };
  const events = async (topic: string) =>
    [...(await readLogContent(campaign.directory)).get(topic)!].flatMap((records, partition) =>
      decodeRecords({ topic, partition, records, next: records.length }).received.map(({ event }) => event),
    );

  it('killed twice amid, its controller restarted, its node drained: each runs once and comes in once, each failure is classed', async () => {
    const text = readFileSync(campaign.file, 'utf8')
      .replaceAll('PROGRAM', CALCULATOR_PROGRAM)
      .replace('FOLDER', folder);
    writeFileSync(campaign.file, text);
    writeFileSync(CALCULATOR_PROGRAM, PROGRAM);
    chmodSync(CALCULATOR_PROGRAM, 0o755);
    for (const wanted of [5, 15]) {
      const run = start();
      await eventsInLog(run, campaign.directory, TOPICS.results.name, wanted, 150_000);
      if (wanted === 5) await slurm.restartController();
      else slurm.query('scontrol', 'update', 'nodename=n1', 'state=drain', 'reason=test');
      run.process.kill('SIGKILL');
      await run.ended;
    }
    const last = start();
    slurm.query('scontrol', 'update', 'nodename=n1', 'state=resume');
    const { code, stderr } = await last.ended;
    expect(code, stderr).toBe(0);

    const begun = readFileSync(join(folder, 'begun'), 'utf8').trim().split('\n');
    expect(begun.length).toBe(new Set(begun).size);
    expect(new Set(begun.map((line) => line.split(' ')[0])).size).toBe(JOBS);
    const results = await events(TOPICS.results.name);
    const ended = await events(TOPICS.calculations.name);
    const failures = ended.flatMap((event) => (event.type === 'CalculationAttemptFailed' ? [event] : []));
    const abandoned = ended.filter(({ type }) => type === 'CalculationAbandoned').length;
    expect(results).toHaveLength(JOBS - abandoned);
    const of = (retry: string) => failures.filter((failure) => failure.retry === retry);
    expect(of('retry').every(({ reason }) => reason.includes('it diverges'))).toBe(true);
    expect([abandoned, of('retry').length, of('more_time').length, failures.length]).toEqual([5, 10, 5, 15]);
    // The claim, and nothing beside it, for each attempt.
    expect(readdirSync(join(campaign.directory, 'runs')).filter((name) => name.length === 64)).toHaveLength(JOBS);
  }, 500_000);
});

const CALCULATOR = `calculator:
  kind: command
  argv: [PROGRAM, '{material}', '{attempt}', FOLDER]
  method: {kind: dft, code: moduli 1}
  memory_mib: 50
  minutes: 1
  attempts: 2
  launcher: {kind: slurm, poll_seconds: 1}
`;
