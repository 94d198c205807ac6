import type { LaunchState } from '../../../ports/launcher.ts';
import { unavailable } from './queue-command.ts';
import type { QueueDialect, QueueJob } from './queue-launcher.ts';

/*
 * Source: sbatch(1), squeue(1), sacct(1) of Slurm 20.11 and later, and what 22.05 was seen to do. squeue's columns have
 * fixed widths, because its short format has no exit code, and reasons may hold any sign.
 */

const COLUMNS = { Name: 201, JobID: 21, State: 21, exit_code: 13, NodeList: 61, TimeLeft: 21, Reason: 61 };

const WAITING: ReadonlySet<string> = new Set(['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_FED', 'RESV_DEL_HOLD']);
const RUNNING: ReadonlySet<string> = new Set([
  'RUNNING',
  'COMPLETING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'RESIZING',
  'STAGE_OUT',
]);
const LOST: ReadonlySet<string> = new Set(['NODE_FAIL', 'BOOT_FAIL', 'PREEMPTED', 'REVOKED']);
/** Never starts by itself. */
const HELD = /Held|held|DependencyNeverSatisfied|BadConstraints/;
const FOR_NOW =
  /temporarily|try again|Socket timed out|Unable to contact|Connection (refused|reset|timed)|MaxSubmit|MaxJobs|in use|slurm_load|communication|Resource temporarily|controller/i;

export const SLURM: QueueDialect = {
  submission: ({ name, folder, cores, memoryMiB, minutes }, { partition, account, options = [] }) => ({
    program: 'sbatch',
    args: [
      ...['--parsable', '--no-requeue', `--job-name=${name}`, `--chdir=${folder}`, `--output=${folder}/job.txt`],
      ...['--nodes=1', `--cpus-per-task=${cores}`, `--mem=${Math.ceil(memoryMiB)}M`, `--time=${Math.ceil(minutes)}`],
      ...(partition === undefined ? [] : [`--partition=${partition}`]),
      ...(account === undefined ? [] : [`--account=${account}`]),
      ...options,
    ],
  }),
  jobId: ({ stdout }) => /^(\d+)(;|\s*$)/m.exec(stdout.trim().split('\n').at(-1) ?? '')?.[1],
  isForNow: ({ stderr }) => FOR_NOW.test(stderr),
  listing: () => ({
    program: 'squeue',
    args: [
      ...['--me', '--noheader', '--states=all'],
      `--Format=${Object.entries(COLUMNS)
        .map(([name, width]) => `${name}:${width}`)
        .join(',')}`,
    ],
  }),
  listed({ code, stdout, stderr }) {
    if (code !== 0) throw unavailable(`squeue gives no list (${stderr.trim().slice(0, 300)}): it is asked again`);
    return stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [queued(line)]));
  },
  history: (names) => {
    const args = ['--noheader', '--parsable2', '--allocations', `--name=${names.join(',')}`, '--starttime=now-30days'];
    return [
      { program: 'sacct', args: [...args, '--format=JobName,JobID,State,ExitCode'] },
      // Without a database there may be a file of ended jobs.
      {
        program: 'sacct',
        args: ['--completion', '--noheader', '--parsable2', '--format=JobName,JobID,State,ExitCode'],
      },
    ];
  },
  remembered: ({ stdout }) =>
    stdout.split('\n').flatMap((line) => {
      const [name = '', id = '', state = '', exit = ''] = line.split('|');
      const [code = 0, signal = 0] = exit.split(':').map(Number);
      return state === '' ? [] : [{ name, id, state: stateOf(state, { exitCode: code, signal }) }];
    }),
  cancellation: (id) => ({ program: 'scancel', args: [id] }),
};

function queued(line: string): QueueJob {
  let at = 0;
  const cells = Object.values(COLUMNS).map((width) => {
    at += width;
    return line.slice(at - width, at).trim();
  });
  const [name = '', id = '', state = '', status = '', node = '', left = '', why = ''] = cells;
  const raw = Number(status);
  const said = stateOf(state, { exitCode: raw >> 8, signal: raw & 0x7f });
  if (said.kind === 'waiting') return { name, id, state: { ...said, why, ...(HELD.test(why) && { held: true }) } };
  if (said.kind !== 'running') return { name, id, state: said };
  const minutesLeft = minutesOf(left);
  return {
    name,
    id,
    state: { ...said, ...(node !== '' && { node }), ...(minutesLeft !== undefined && { minutesLeft }) },
  };
}

function stateOf(words: string, status: { readonly exitCode: number; readonly signal: number }): LaunchState {
  // `CANCELLED by 1000`
  const [word = ''] = words.split(/[ +]/);
  if (WAITING.has(word)) return { kind: 'waiting' };
  if (/HOLD/.test(word)) return { kind: 'waiting', why: word, held: true };
  if (RUNNING.has(word)) return { kind: 'running' };
  if (LOST.has(word)) return { kind: 'ended', ended: 'lost' };
  if (word === 'TIMEOUT' || word === 'DEADLINE') return { kind: 'ended', ended: 'timed_out' };
  if (word === 'OUT_OF_MEMORY') return { kind: 'ended', ended: 'out_of_memory' };
  if (word === 'CANCELLED' || status.signal !== 0) return { kind: 'ended', ended: 'killed' };
  if (word === 'COMPLETED' || word === 'FAILED') return { kind: 'ended', ended: 'exited', exitCode: status.exitCode };
  return { kind: 'unknown' };
}

/** `1-02:03:04`, `03:04`; undefined for words. */
function minutesOf(text: string): number | undefined {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)$/.exec(text)?.map((part) => Number(part ?? 0)) ?? [];
  return /\d:\d/.test(text) ? days * 1_440 + hours * 60 + minutes + seconds / 60 : undefined;
}
