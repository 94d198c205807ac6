import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { materialsOf } from '../../adapters/sources/files/materials-of.ts';
import { createInlineExecutor, createThreadedExecutor, type Executor } from '../../adapters/worker-threads/executor.ts';
import { type InputUnit, unitSize } from '../../formats/input-unit.ts';
import { AppError } from '../../model/app-error.ts';
import { grouped } from '../../text/progress-text.ts';
import type { Checkpoint } from './checkpoint.ts';
import {
  createUnitFeaturizer,
  type FeaturizedItem,
  type FeaturizeJob,
  type FeaturizeSettings,
  originOf,
} from './featurize-units.ts';
import type { Ledger } from './ledger.ts';

/** About 100 rows, 50 ms of work: little overhead per job, and a quick answer to Ctrl-C. */
const JOB_BYTES = 64 * 1024;
const JOB_UNITS_MAX = 64;
/** Inputs of fewer jobs are done before a worker has started. */
const JOBS_FOR_WORKERS = 3;

/** Featurizes jobs on as many threads as they are worth. */
export type JobExecutor = Executor<FeaturizeJob, FeaturizedItem[]>;

/**
 * Groups units into jobs.
 * @param resumed the structures that it counts are entered in the ledger and put in no job
 * @throws AppError `invalid_argument` where the inputs do not begin with those structures
 */
export async function* jobsOf(
  units: AsyncIterable<InputUnit>,
  ledger: Ledger,
  resumed: Checkpoint | undefined,
): AsyncGenerator<FeaturizeJob> {
  const done = resumed?.structures ?? 0;
  let job: { units: InputUnit[]; skip: number } = { units: [], skip: 0 };
  let bytes = 0;
  for await (const unit of units) {
    if (ledger.structures < done) {
      const skip = enterDone(unit, ledger, done);
      if (ledger.structures < done) continue;
      if (ledger.hash() !== resumed?.inputHash) throw inputsChanged(done);
      job.skip = skip;
    }
    job.units.push(unit);
    bytes += unitSize(unit);
    if (bytes < JOB_BYTES && job.units.length < JOB_UNITS_MAX) continue;
    yield job;
    job = { units: [], skip: 0 };
    bytes = 0;
  }
  if (ledger.structures < done) throw inputsChanged(done);
  if (job.units.length > 0) yield job;
}

function inputsChanged(done: number): AppError {
  const message = `cannot resume: the first ${grouped(done)} structures are not those of the interrupted run`;
  return new AppError('invalid_argument', `${message}; run again without --resume`);
}

/** Enters a unit's structures until `done` are reached; returns how many of the unit there were. */
function enterDone(unit: InputUnit, ledger: Ledger, done: number): number {
  let entered = 0;
  for (const item of materialsOf(unit)) {
    if (ledger.structures === done) break;
    ledger.enter(item.kind === 'material' ? { origin: originOf(item) } : item);
    entered++;
  }
  return entered;
}

/**
 * Chooses between this thread and workers, looking ahead at the first jobs where the user did not say.
 * @returns the executor, and all of `jobs`
 */
export async function executorFor(
  jobs: AsyncGenerator<FeaturizeJob>,
  settings: FeaturizeSettings,
  workers: number | undefined,
): Promise<{ executor: JobExecutor; jobs: AsyncIterable<FeaturizeJob> }> {
  const first: FeaturizeJob[] = [];
  const size = workers ?? availableParallelism();
  while (size > 1 && workers === undefined && first.length < JOBS_FOR_WORKERS) {
    const next = await jobs.next();
    if (next.done) break;
    first.push(next.value);
  }
  const few = workers === undefined && first.length < JOBS_FOR_WORKERS;
  const executor: JobExecutor =
    size === 1 || few
      ? createInlineExecutor(createUnitFeaturizer(settings))
      : createThreadedExecutor(WORKER_SCRIPT, settings, size);
  return { executor, jobs: chained(first, jobs) };
}

/** Beside this module, with the same extension: `.js` once built. */
const WORKER_SCRIPT = new URL(`./featurize-worker${extname(import.meta.url)}`, import.meta.url);

async function* chained<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}
