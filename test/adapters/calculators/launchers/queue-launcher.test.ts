import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueAnswer } from '../../../../src/adapters/calculators/launchers/queue-command.ts';
import { createQueueLauncher } from '../../../../src/adapters/calculators/launchers/queue-launcher.ts';
import { SLURM } from '../../../../src/adapters/calculators/launchers/slurm-dialect.ts';
import { createJobWatch } from '../../../../src/adapters/calculators/programs/job-watch.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import type { LaunchJob } from '../../../../src/ports/launcher.ts';
import { type StandInSlurm, standInSlurm } from '../../../support/stand-in-slurm.ts';

let folder: string;
beforeEach(() => {
  // Ten thousand folders are many for a disk.
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'queue-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const job = (i: number): LaunchJob => ({
  ...{ name: `el-${'0'.repeat(60)}-${i}-run`, folder: join(folder, String(i)), cores: 1, memoryMiB: 100, minutes: 10 },
});
const never = new AbortController().signal;

/** Each sleep is an interval of the queue. */
function ticking(queue: Pick<StandInSlurm, 'tick'>): Clock {
  let nowMs = 1e12;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
      queue.tick();
      await new Promise(setImmediate);
    },
  };
}

function watching(queue: StandInSlurm, run = queue.run, jobsMax = 1_500) {
  const clock = ticking(queue);
  const settings = { kind: 'slurm', jobsMax, pollSeconds: 15 } as const;
  const launcher = createQueueLauncher(settings, SLURM, { run, monotonic: clock.monotonic });
  const troubles: string[] = [];
  return { launcher, troubles, watch: createJobWatch({ launcher, clock, onTrouble: (text) => troubles.push(text) }) };
}

describe('ten thousand jobs through a queue of a thousand slots', () => {
  it('run once each; the queue is asked once per interval', async () => {
    const queue = standInSlurm({ slots: 1_000, ticks: 2 });
    const { watch } = watching(queue);
    const jobs = Array.from({ length: 10_000 }, (_, i) => job(i));
    for (const { folder: place } of jobs) mkdirSync(place);
    const endings = await Promise.all(jobs.map((one) => watch.ended(one, new AbortController().signal)));
    expect(endings.every(({ ended, exitCode }) => ended === 'exited' && exitCode === 0)).toBe(true);
    expect(new Set(queue.ran).size).toBe(10_000);
    expect(queue.ran).toHaveLength(10_000);
    // 10 fillings of all slots, of 2 intervals each, and what is lost between.
    expect(queue.asked.get('squeue')).toBeLessThan(45);
    expect(queue.asked.get('sbatch')).toBe(10_000);
  });
});

describe('a queue with troubles', () => {
  const outcome = async (queue: StandInSlurm, run = queue.run) => {
    const { watch, troubles } = watching(queue, run);
    mkdirSync(job(1).folder);
    return { ending: await watch.ended(job(1), never).catch((error) => error), troubles };
  };
  const answering =
    (queue: StandInSlurm, program: string, answers: QueueAnswer[]): StandInSlurm['run'] =>
    async (command) =>
      (command.program === program ? answers.shift() : undefined) ?? queue.run(command);
  const words = (stderr: string, code = 1): QueueAnswer => ({ code, stdout: '', stderr });

  it('is asked again while it does not answer, or takes no more', async () => {
    for (const [program, said] of [
      ['squeue', 'slurm_load_jobs error: Unable to contact slurm controller'],
      ['sbatch', 'sbatch: error: QOSMaxSubmitJobPerUserLimit'],
      ['sbatch', 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation'],
    ] as const) {
      const queue = standInSlurm({ slots: 1, ticks: 1 });
      const { ending, troubles } = await outcome(queue, answering(queue, program, [words(said), words(said)]));
      expect(ending).toMatchObject({ ended: 'exited', exitCode: 0 });
      expect(troubles.join()).toContain(said.slice(-20));
      rmSync(job(1).folder, { recursive: true });
    }
  });

  it('refuses for ever: with its own words and a remedy', async () => {
    const queue = standInSlurm({ slots: 1, ticks: 1 });
    const { ending } = await outcome(queue, answering(queue, 'sbatch', [words('Invalid partition name specified')]));
    expect(ending).toMatchObject({ code: 'unavailable', retryable: false });
    expect(ending.message).toMatch(/Invalid partition name specified.*mend calculator.launcher/);
    const answered = await outcome(
      queue,
      answering(queue, 'sbatch', [{ code: 0, stdout: 'welcome!', stderr: '' }]),
    ).catch(() => undefined);
    expect(answered).toBeUndefined();
  });

  it('forgets a job before it began: it is submitted again, and not after it began', async () => {
    const queue = standInSlurm({ slots: 1, ticks: 1 });
    let forgotten = false;
    const run: StandInSlurm['run'] = async (command) => {
      if (command.program === 'squeue' && queue.jobs.size > 0 && !forgotten) {
        forgotten = true;
        queue.jobs.clear();
      }
      return queue.run(command);
    };
    const { ending, troubles } = await outcome(queue, run);
    expect(ending).toMatchObject({ ended: 'exited' });
    expect([queue.asked.get('sbatch'), troubles.join()]).toEqual([2, expect.stringContaining('has forgotten')]);

    mkdirSync(join(job(2).folder, 'claim'), { recursive: true });
    writeFileSync(join(job(2).folder, 'claim', 'owner'), '1\nn1\n1\n7\n');
    const { watch } = watching(queue);
    expect(await watch.ended(job(2), never)).toMatchObject({ ended: 'lost', coreSeconds: 600 });
    expect(queue.asked.get('sbatch')).toBe(2);
  });

  it('holds a job: that is said, and waited for', async () => {
    const queue = standInSlurm({ slots: 1, ticks: 1 });
    let polls = 0;
    const run: StandInSlurm['run'] = async (command) => {
      const answered = await queue.run(command);
      if (command.program === 'squeue') polls++;
      for (const one of queue.jobs.values()) one.reason = polls < 4 ? 'JobHeldUser' : 'Priority';
      return answered;
    };
    const { ending, troubles } = await outcome(queue, run);
    expect(ending).toMatchObject({ ended: 'exited' });
    expect(troubles.join()).toMatch(/is held \(JobHeldUser\)/);
  });
});
