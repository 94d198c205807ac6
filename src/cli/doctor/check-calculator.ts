import { access, constants } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import type { CalculatorSettings } from '../../learning/campaign/campaign-config.ts';
import type { QueueKind } from '../../model/execution.ts';
import { checkFolder } from './check-machine.ts';
import type { Finding } from './finding.ts';

const QUEUE_PROGRAMS: Readonly<Record<QueueKind, readonly string[]>> = {
  slurm: ['sbatch', 'squeue', 'scancel'],
  pbs: ['qsub', 'qstat', 'qdel'],
  lsf: ['bsub', 'bjobs', 'bkill'],
};

/** Whether a campaign's programs can be started here: the program, the queue's programs, the folder of the runs. */
export async function checkCalculator(calculator: CalculatorSettings, path: string): Promise<Finding[]> {
  if (!('execution' in calculator)) return [];
  const { launcher, runDir, program = ['pw.x'] } = calculator.execution;
  const [first, key] = 'argv' in calculator ? [calculator.argv[0]!, 'argv'] : [program[0]!, 'program'];
  const isHere = launcher.kind === 'local';
  const findings = [await checkProgram(first, { key, path, isHere })];
  if (launcher.kind !== 'local') {
    const where = launcher.ssh === undefined ? path : undefined;
    for (const name of QUEUE_PROGRAMS[launcher.kind]) findings.push(await checkQueueProgram(name, where));
  }
  if (runDir !== undefined) findings.push({ ...(await checkFolder(resolve(runDir))), part: 'run_dir' });
  return findings;
}

async function checkProgram(
  program: string,
  { key, path, isHere }: { readonly key: string; readonly path: string; readonly isHere: boolean },
): Promise<Finding> {
  const found = await placeOf(program, path);
  if (found !== undefined) return { part: 'program', state: 'ok', message: found };
  const message = `${program} (calculator.${key}) is not here or not executable; install it, or give its absolute path`;
  // A queue's machines may have what this one lacks.
  return { part: 'program', state: isHere ? 'missing' : 'warning', message };
}

async function checkQueueProgram(name: string, path: string | undefined): Promise<Finding> {
  if (path === undefined) return { part: name, state: 'ok', message: 'over SSH, not tried' };
  const found = await placeOf(name, path);
  if (found !== undefined) return { part: name, state: 'ok', message: found };
  return { part: name, state: 'missing', message: `not found; install the queue's programs, or set launcher.ssh` };
}

async function placeOf(program: string, path: string): Promise<string | undefined> {
  const places = program.includes('/') ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  return undefined;
}
