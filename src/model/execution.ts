import { sortedJson } from './sorted-json.ts';

/*
 * How the programs of a calculation are run: where, by which queue, with what limits. Nothing of it changes numbers, so
 * none of it belongs to the recipe, and two campaigns that differ in it alone share their calculations.
 */

export const QUEUE_KINDS = ['slurm', 'pbs', 'lsf'] as const;
export type QueueKind = (typeof QUEUE_KINDS)[number];

/** Who starts programs: this machine, or a batch queue. */
export type LauncherSettings = LocalSettings | QueueSettings;

export interface LocalSettings {
  readonly kind: 'local';
  /** Programs at a time. */
  readonly parallel: number;
}

export interface QueueSettings {
  readonly kind: QueueKind;
  /** The queue's partition; absent for its default. */
  readonly partition?: string;
  readonly account?: string;
  /** Further arguments of the submitting program. */
  readonly options?: readonly string[];
  /** Jobs that are submitted and have not ended. */
  readonly jobsMax: number;
  readonly pollSeconds: number;
  /** `user@host` where the queue's programs run; absent for this machine. */
  readonly ssh?: string;
}

/** Limits of each program. */
interface ProgramLimits {
  readonly cores: number;
  readonly memoryMiB: number;
  readonly minutes: number;
}

export interface Execution extends ProgramLimits {
  /** Whose budget it is. */
  readonly campaign: string;
  readonly launcher: LauncherSettings;
  /** Folder of the runs; absent for the one of the service that runs them. */
  readonly runDir?: string;
  readonly coreHoursMax?: number;
  /** The program and what stands before it, where a code leaves it open: `['mpirun', '-np', '4', 'pw.x']`. */
  readonly program?: readonly string[];
  /** Folders of files that programs need, by their use: pseudopotentials. */
  readonly folders?: Readonly<Record<string, string>>;
}

export function executionText(execution: Execution): string {
  return sortedJson(execution);
}

export const RETRY_CLASSES = ['retry', 'more_time', 'more_memory', 'never'] as const;
/** Whether another attempt can help, and with what. */
export type RetryClass = (typeof RETRY_CLASSES)[number];

/** Events of newer versions may name other classes: then another attempt may help. */
export function retryClassOf(word: string | undefined): RetryClass {
  return RETRY_CLASSES.find((known) => known === word) ?? 'retry';
}
