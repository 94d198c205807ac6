import { PwOutputReader } from '../../formats/espresso/pw-output.ts';
import type { CalculationRun } from '../../model/calculation-run.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { Structure } from '../../model/structure.ts';
import type { EndedRun, RetryClass } from '../../ports/simulation-code.ts';
import { PW_FAILURES } from './pw-remedies.ts';

/** What a run gave, or why it gave nothing and what can help. */
export type PwOutcome =
  | { readonly run: CalculationRun & { readonly stress: Float64Array } }
  | { readonly reason: string; readonly retry: RetryClass | 'other_mixing' };

/** Angstrom: pw.x prints cells with six digits, and the smallest strain moves a vector by a hundred times as much. */
const SAME_CELL_ANGSTROM = 5e-4;
const MESSAGE_CHARACTERS_MAX = 300;

/** By how a batch system ended the run. */
const ENDED_FROM_OUTSIDE = {
  timed_out: { reason: 'it was ended for its time', retry: 'more_time' },
  out_of_memory: { reason: 'it was ended for its memory', retry: 'more_memory' },
  killed: { reason: 'it was ended from outside', retry: 'retry' },
  lost: { reason: 'nothing is known of how it ended', retry: 'retry' },
} as const;

/** Judges a run: good is an exit code of 0, converged electrons, and a stress, of the cell that was asked for. */
export function pwOutcome(ended: EndedRun, asked: Structure): PwOutcome {
  const failed = (reason: string, retry: RetryClass | 'other_mixing') => ({
    reason: `${ended.name}: ${reason}`,
    retry,
  });
  if (ended.ended !== 'exited') {
    const { reason, retry } = ENDED_FROM_OUTSIDE[ended.ended];
    return failed(ended.note === undefined ? reason : `${reason} (${ended.note})`, retry);
  }
  const text = ended.outputs.get('stdout.txt') ?? '';
  const said = `${text}\n${ended.outputs.get('CRASH') ?? ''}\n${ended.outputs.get('stderr.txt') ?? ''}`;
  const known = PW_FAILURES.find(({ pattern }) => pattern.test(said));
  if (known !== undefined) return failed(known.reason, known.retry);
  const error = errorOf(said);
  if (error !== undefined) return failed(`pw.x refused: ${error}`, 'never');
  if (ended.exitCode !== 0) return failed(`pw.x ended with code ${ended.exitCode}: ${lastLine(said)}`, 'retry');
  const run = readRun(text);
  if (typeof run === 'string') return failed(run, 'retry');
  const { stress } = run;
  if (!run.isFinished || !run.isElectronicConverged || !run.isIonicConverged || stress === undefined) {
    return failed('its output is cut short or lacks a converged stress', 'retry');
  }
  if (!isSameCell(run.initialStructure ?? run.structure, asked)) {
    return failed('its output is of another cell than was asked for: its input was changed', 'never');
  }
  return { run: { ...run, stress } };
}

function readRun(text: string): CalculationRun | string {
  const reader = new PwOutputReader();
  try {
    for (const line of text.split('\n')) reader.read(line);
    return reader.end();
  } catch (error) {
    if (error instanceof RejectedInput) return error.message;
    throw error;
  }
}

/** `Error in routine readpp (1): file Xx.UPF not found` of pw.x's frame of percent signs. */
function errorOf(said: string): string | undefined {
  const frame = /Error in routine\s+([^\n]*)\n([\s\S]*?)(?:\n\s*%{5}|$)/.exec(said);
  return frame === null ? undefined : oneLine(`${frame[1]} ${frame[2]}`);
}

function lastLine(said: string): string {
  return oneLine(said.trim().split('\n').at(-1) ?? '') || 'it printed nothing';
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, MESSAGE_CHARACTERS_MAX);
}

function isSameCell(printed: Structure, asked: Structure): boolean {
  const near = (value: number, i: number) => Math.abs(value - asked.lattice.matrix[i]!) < SAME_CELL_ANGSTROM;
  return printed.lattice.matrix.every(near) && printed.atomicNumbers.every((z, i) => z === asked.atomicNumbers[i]);
}
