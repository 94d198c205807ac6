import type { LaunchState } from '../../../ports/launcher.ts';
import { unavailable } from './queue-command.ts';
import type { QueueDialect } from './queue-launcher.ts';

/*
 * Source: bsub, bjobs and bkill of IBM Spectrum LSF 10.1, from its documentation. bjobs ends with 255 and `No job
 * found` where there is none.
 */

const FIELDS = ['name', 'jobid', 'stat', 'exit_code', 'exec_host', 'exit_reason', 'pend_reason'];
const FOR_NOW = /cannot open lsf|down|try later|limit|timed? ?out|not responding|Please retry/i;

export const LSF: QueueDialect = {
  submission: ({ name, folder, cores, memoryMiB, minutes }, { partition, account, options = [] }) => ({
    program: 'bsub',
    args: [
      ...['-J', name, '-rn', '-cwd', folder, '-o', `${folder}/job.txt`, '-n', String(cores), '-R', 'span[hosts=1]'],
      ...['-M', `${Math.ceil(memoryMiB)}MB`, '-W', String(Math.ceil(minutes))],
      ...(partition === undefined ? [] : ['-q', partition]),
      ...(account === undefined ? [] : ['-P', account]),
      ...options,
    ],
  }),
  jobId: ({ stdout }) => /Job <(\d+)> is submitted/.exec(stdout)?.[1],
  isForNow: ({ stderr, stdout }) => FOR_NOW.test(`${stderr} ${stdout}`),
  listing: () => ({ program: 'bjobs', args: ['-a', '-noheader', '-o', `${FIELDS.join(' ')} delimiter='^'`] }),
  listed({ code, stdout, stderr }) {
    if (code !== 0 && !/No .*job found/i.test(`${stderr} ${stdout}`)) {
      throw unavailable(`bjobs gives no list (${stderr.trim().slice(0, 300)}): it is asked again`);
    }
    return stdout.split('\n').flatMap((line) => {
      const [name = '', id = '', word = '', ...rest] = line.split('^');
      return word === '' ? [] : [{ name, id, state: stateOf(word, rest) }];
    });
  },
  cancellation: (id) => ({ program: 'bkill', args: [id] }),
};

function stateOf(word: string, [code = '', node = '', reason = '', why = '']: readonly string[]): LaunchState {
  switch (word) {
    case 'PEND':
    case 'WAIT':
      return { kind: 'waiting', why };
    case 'PSUSP':
      return { kind: 'waiting', why: why || 'suspended while pending', held: true };
    case 'RUN':
    case 'USUSP':
    case 'SSUSP':
    case 'PROV':
    // Its host does not answer, and it may go on there.
    case 'UNKWN':
      return { kind: 'running', ...(node !== '' && node !== '-' && { node }) };
    case 'DONE':
      return { kind: 'ended', ended: 'exited', exitCode: 0 };
    case 'EXIT':
      if (/TERM_(RUNLIMIT|CPULIMIT|DEADLINE)/.test(reason)) return { kind: 'ended', ended: 'timed_out' };
      if (/TERM_(MEMLIMIT|SWAP)/.test(reason)) return { kind: 'ended', ended: 'out_of_memory' };
      if (/TERM_(OWNER|ADMIN|FORCE)/.test(reason)) return { kind: 'ended', ended: 'killed' };
      if (/TERM_/.test(reason)) return { kind: 'ended', ended: 'lost' };
      return { kind: 'ended', ended: 'exited', exitCode: Number(code) || 1 };
    case 'ZOMBI':
      return { kind: 'ended', ended: 'lost' };
    default:
      return { kind: 'unknown' };
  }
}
