import type { RetryClass } from '../model/execution.ts';
import type { Structure } from '../model/structure.ts';
import type { CalculationJob, CalculationResult } from './calculator.ts';

/** One execution of a program in a folder of its own. */
export interface ProgramRun {
  /** Unique within the calculation, also the folder's name: a-z, 0-9 and -. */
  readonly name: string;
  /** Written into the folder before the program starts, by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** Absolute paths of files to be linked into the folder, by file name: pseudopotentials. */
  readonly links?: Readonly<Record<string, string>>;
  /** The program and its arguments. Nothing passes through a shell. */
  readonly argv: readonly string[];
  /** Names of the files to be read when it has ended; stdout and stderr are always `stdout.txt` and `stderr.txt`. */
  readonly outputs: readonly string[];
  readonly cores: number;
  readonly memoryMiB: number;
  readonly minutes: number;
}

/** How a run ended. A batch system may end it from outside. */
export interface EndedRun {
  readonly name: string;
  readonly ended: 'exited' | 'timed_out' | 'out_of_memory' | 'killed' | 'lost';
  readonly exitCode?: number;
  /** Texts by file name, each cut at a stated size; a file that is not there has no entry. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly coreSeconds?: number;
  /** What launcher or queue say of its end, if anything. */
  readonly note?: string;
}

export type { RetryClass };

export type NextStep =
  | { readonly kind: 'runs'; readonly runs: readonly ProgramRun[] }
  | { readonly kind: 'completed'; readonly result: Extract<CalculationResult, { outcome: 'completed' }> }
  | { readonly kind: 'failed'; readonly reason: string; readonly retry: RetryClass };

/** A simulation code as a pure decider: which programs to run next, given all runs that have ended so far. */
export interface SimulationCode {
  /**
   * Called again with all ended runs after each step, and after a restart with those found in the attempt's folder;
   * the same runs give the same step.
   * @throws AppError `invalid_argument` for a recipe that it does not know
   */
  next(job: CalculationJob, structure: Structure, ended: readonly EndedRun[]): NextStep;
}
