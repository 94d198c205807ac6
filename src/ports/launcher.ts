import type { EndedRun } from './simulation-code.ts';

/** A run whose folder is ready, as a launcher is given it. */
export interface LaunchJob {
  /** Names the run for ever: a-z, 0-9 and -, at most 200 characters. A second submission of a name is the same job. */
  readonly name: string;
  /** Absolute path of the run's folder, which holds `run.sh`. */
  readonly folder: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly minutes: number;
}

/** A job that is asked for. */
export interface AskedJob extends LaunchJob {
  /** Whether it was submitted, or its folder is claimed: then it is worth asking for its history. */
  readonly isKnown: boolean;
}

/** What a launcher knows of a job. */
export type LaunchState =
  /** It waits for its turn; `why` in the queue's words, `held` if nothing will start it by itself. */
  | { readonly kind: 'waiting'; readonly why?: string; readonly held?: true }
  | { readonly kind: 'running'; readonly node?: string; readonly minutesLeft?: number }
  | {
      readonly kind: 'ended';
      readonly ended: EndedRun['ended'];
      readonly exitCode?: number;
      readonly coreSeconds?: number;
    }
  /** Never submitted, or forgotten. */
  | { readonly kind: 'unknown' };

/** Starts runs, here or through a batch queue. */
export interface Launcher {
  /** How long to wait between two questions. */
  readonly pollMs: number;
  /** How many times a file is looked for that a job has written on another machine, before it is taken as missing. */
  readonly looksMax: number;
  /** Jobs that it takes at a time; the others are to wait with their submission. */
  readonly jobsMax: number;
  /**
   * Submits the job unless one of its name is there already. What was submitted twice all the same runs once, because
   * `run.sh` claims its folder first.
   * @throws AppError `unavailable` (retryable) if the queue does not answer or refuses for now; `invalid_argument` if it
   *   will refuse this job for ever; `dependency_missing` without its programs
   */
  submit(job: LaunchJob): Promise<void>;
  /**
   * Asks for all of these with one question, however many they are.
   * @returns by name; a job that is not among them is unknown
   * @throws AppError `unavailable` (retryable), after which nothing is known
   */
  states(jobs: readonly AskedJob[]): Promise<ReadonlyMap<string, LaunchState>>;
  /** Ends the job, if it has not ended. */
  cancel(job: LaunchJob): Promise<void>;
  close(): Promise<void>;
}
