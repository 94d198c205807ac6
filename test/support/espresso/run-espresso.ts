import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Structure } from '../../../src/model/structure.ts';
import type { CalculationJob } from '../../../src/ports/calculator.ts';
import type { EndedRun, NextStep, ProgramRun, SimulationCode } from '../../../src/ports/simulation-code.ts';

/** Runs a simulation code to its end in a folder, one program after the other. */
export async function runToEnd(
  code: SimulationCode,
  job: CalculationJob,
  structure: Structure,
  folder: string,
): Promise<{ step: NextStep; ended: EndedRun[] }> {
  const ended: EndedRun[] = [];
  for (;;) {
    const step = code.next(job, structure, ended);
    if (step.kind !== 'runs') return { step, ended };
    for (const run of step.runs) ended.push(await runProgram(run, join(folder, run.name)));
  }
}

async function runProgram(run: ProgramRun, folder: string): Promise<EndedRun> {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(run.files)) writeFileSync(join(folder, name), text);
  for (const [name, path] of Object.entries(run.links ?? {})) symlinkSync(path, join(folder, name));
  const [program, ...args] = run.argv;
  const child = spawn(program!, args, {
    cwd: folder,
    env: { ...process.env, OMP_NUM_THREADS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece) => (texts.stdout += piece));
  child.stderr.on('data', (piece) => (texts.stderr += piece));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  writeFileSync(join(folder, 'stdout.txt'), texts.stdout);
  const outputs = new Map([
    ['stdout.txt', texts.stdout],
    ['stderr.txt', texts.stderr],
  ]);
  for (const name of run.outputs.filter((one) => !outputs.has(one))) {
    try {
      outputs.set(name, readFileSync(join(folder, name), 'utf8'));
    } catch {
      // A file that is not there has no entry.
    }
  }
  return { name: run.name, ended: 'exited', exitCode, outputs };
}
