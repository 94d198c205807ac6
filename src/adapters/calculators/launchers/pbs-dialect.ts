import type { LaunchState } from '../../../ports/launcher.ts';
import { unavailable } from './queue-command.ts';
import type { QueueDialect } from './queue-launcher.ts';

/*
 * Source: qsub(1B), qstat(1B), pbs_job_attributes(7B) of OpenPBS 20 and PBS Professional 2020, from their
 * documentation. Exit_status below 0 says why PBS ended a job, above 256 by which signal.
 */

interface PbsJob {
  readonly Job_Name?: string;
  readonly job_state?: string;
  readonly Exit_status?: number;
  readonly exec_host?: string;
  readonly comment?: string;
}

const KILL_MEMORY: ReadonlySet<number> = new Set([-26, -27]);
const KILL_TIME: ReadonlySet<number> = new Set([-28, -29]);
const FOR_NOW = /cannot connect|timed? ?out|try again|would exceed|limit on the number|server busy|No route/i;
const FORGOTTEN = 35;

export const PBS: QueueDialect = {
  submission: ({ name, folder, cores, memoryMiB, minutes }, { partition, account, options = [] }) => ({
    program: 'qsub',
    args: [
      ...['-N', name, '-r', 'n', '-j', 'oe', '-o', `${folder}/job.txt`],
      ...['-l', `select=1:ncpus=${cores}:mem=${Math.ceil(memoryMiB)}mb`, '-l', `walltime=${walltime(minutes)}`],
      ...(partition === undefined ? [] : ['-q', partition]),
      ...(account === undefined ? [] : ['-A', account]),
      ...options,
    ],
  }),
  jobId: ({ stdout }) => /^(\d+[\w.[\]-]*)$/m.exec(stdout.trim())?.[1],
  isForNow: ({ stderr }) => FOR_NOW.test(stderr),
  listing: () => ({ program: 'qstat', args: ['-x', '-f', '-F', 'json'] }),
  listed({ code, stdout, stderr }) {
    try {
      if (code !== 0 && code !== FORGOTTEN) throw new Error(stderr.trim());
      const { Jobs: jobs = {} } = JSON.parse(stdout.trim() === '' ? '{}' : stdout) as { Jobs?: Record<string, PbsJob> };
      return Object.entries(jobs).map(([id, job]) => ({ name: job.Job_Name ?? '', id, state: stateOf(job) }));
    } catch (cause) {
      throw unavailable(`qstat gives no list (${(cause as Error).message.slice(0, 300)}): it is asked again`);
    }
  },
  cancellation: (id) => ({ program: 'qdel', args: [id] }),
};

function walltime(minutes: number): string {
  const whole = Math.ceil(minutes);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}:00`;
}

function stateOf({
  job_state: word = '',
  Exit_status: status = 0,
  exec_host: node,
  comment: why,
}: PbsJob): LaunchState {
  if ('QWTM'.includes(word) && word !== '') return { kind: 'waiting', ...(why !== undefined && { why }) };
  if (word === 'H') return { kind: 'waiting', why: why ?? 'held', held: true };
  if ('RESUB'.includes(word) && word !== '') return { kind: 'running', ...(node !== undefined && { node }) };
  if (word !== 'F' && word !== 'X') return { kind: 'unknown' };
  if (KILL_TIME.has(status)) return { kind: 'ended', ended: 'timed_out' };
  if (KILL_MEMORY.has(status)) return { kind: 'ended', ended: 'out_of_memory' };
  if (status < 0) return { kind: 'ended', ended: 'lost' };
  if (status > 256) return { kind: 'ended', ended: 'killed' };
  return { kind: 'ended', ended: 'exited', exitCode: status };
}
