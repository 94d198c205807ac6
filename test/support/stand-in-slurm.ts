import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueAnswer, QueueCommand } from '../../src/adapters/calculators/launchers/queue-command.ts';

export interface StandInSlurm {
  /** How often each program was asked. */
  readonly asked: Map<string, number>;
  /** Job names in the order in which they ran. */
  readonly ran: string[];
  readonly jobs: Map<string, StandInJob>;
  run(command: QueueCommand): Promise<QueueAnswer>;
  /** Time passes: of those that wait as many begin as there are slots, and the oldest of those that run end. */
  tick(): void;
}

interface StandInJob {
  readonly name: string;
  readonly folder: string;
  state: string;
  reason: string;
  age: number;
}

/** Keeps to what Slurm was seen to do: sbatch answers at once, squeue lists in columns, ended jobs are forgotten. */
export function standInSlurm({ slots, ticks }: { readonly slots: number; readonly ticks: number }): StandInSlurm {
  const jobs = new Map<string, StandInJob>();
  const asked = new Map<string, number>();
  const ran: string[] = [];
  let ids = 0;
  const answer = (stdout: string): QueueAnswer => ({ code: 0, stdout, stderr: '' });

  function submitted(args: readonly string[]): QueueAnswer {
    const value = (name: string) => args.find((one) => one.startsWith(`--${name}=`))!.slice(name.length + 3);
    jobs.set(String(++ids), {
      name: value('job-name'),
      folder: value('chdir'),
      state: 'PENDING',
      reason: 'Priority',
      age: 0,
    });
    return answer(`${ids}\n`);
  }

  const line = ([id, { name, state, reason }]: [string, StandInJob]) =>
    [
      name.padEnd(201),
      id.padEnd(21),
      state.padEnd(21),
      '0'.padEnd(13),
      'n1'.padEnd(61),
      '1:00'.padEnd(21),
      reason.padEnd(61),
    ].join('');

  return {
    ...{ asked, ran, jobs },
    async run({ program, args }) {
      asked.set(program, (asked.get(program) ?? 0) + 1);
      if (program === 'sbatch') return submitted(args);
      if (program === 'squeue') return answer([...jobs].map(line).join('\n'));
      if (program === 'scancel') jobs.delete(args[0]!);
      return program === 'sacct' ? { code: 1, stdout: '', stderr: 'accounting storage is disabled' } : answer('');
    },
    tick() {
      let running = 0;
      for (const [id, job] of jobs) {
        if (job.state === 'RUNNING' && ++job.age >= ticks) {
          mkdirSync(join(job.folder, 'claim'), { recursive: true });
          writeFileSync(join(job.folder, 'ended'), '0\n1\nn1\n');
          jobs.delete(id);
        } else if (job.state === 'RUNNING') running++;
      }
      for (const job of jobs.values()) {
        if (running >= slots) break;
        if (job.state !== 'PENDING' || job.reason === 'JobHeldUser') continue;
        Object.assign(job, { state: 'RUNNING', reason: 'None' });
        ran.push(job.name);
        running++;
      }
    },
  };
}
