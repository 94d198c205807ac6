import { AppError } from '../../../model/app-error.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Launcher, LaunchJob, LaunchState } from '../../../ports/launcher.ts';
import { conclusionOf, type JobEnding, type OverState, type WatchedJob } from './job-conclusion.ts';

/*
 * Invariants (2 to 4 in job-conclusion.ts):
 * 1. The launcher is asked once per interval, whatever the number of jobs.
 * 2. What a run's folder says of its end counts before what the queue says. It may appear late, so it is looked for
 *    several times before the queue is believed.
 * 3. Nothing is submitted before the launcher was asked for its name and the folder for its claim.
 * 4. A job whose claim another one has is waited for as long as that one may run.
 * 5. A launcher that does not answer changes nothing: it is asked again.
 */

export interface JobWatch {
  /** Submits the job, unless it is there already, and resolves at its end. @throws AppError `interrupted` on abort */
  ended(job: LaunchJob, signal: AbortSignal): Promise<JobEnding>;
}

export interface JobWatchParts {
  readonly launcher: Launcher;
  readonly clock: Clock;
  /** Told once of each trouble that people should know of: a held job, a queue that does not answer. */
  readonly onTrouble: (text: string) => void;
}

const SUBMITTED_AT_A_TIME = 4;
/** Files on NFS are slow to look for, one after the other. */
const LOOKED_AT_A_TIME = 64;
const TOLD_MAX = 1_000;

interface Watched extends WatchedJob {
  readonly resolve: (ending: JobEnding) => void;
  readonly reject: (error: unknown) => void;
}

export function createJobWatch({ launcher, clock, onTrouble }: JobWatchParts): JobWatch {
  const watched = new Map<string, Watched>();
  const told = new Set<string>();
  let isPolling = false;
  let lastMs = Number.NEGATIVE_INFINITY;

  function tell(text: string): void {
    if (!told.has(text)) onTrouble(text);
    if (told.size >= TOLD_MAX) told.clear();
    told.add(text);
  }

  async function poll(): Promise<void> {
    while (watched.size > 0) {
      const waitMs = lastMs + launcher.pollMs - clock.monotonic();
      if (waitMs > 0) await clock.sleep(waitMs);
      lastMs = clock.monotonic();
      try {
        await turn();
      } catch (error) {
        if (!(error instanceof AppError && error.retryable)) {
          for (const { reject } of watched.values()) reject(error);
          watched.clear();
          break;
        }
        tell(error.message); // 5
      }
    }
    isPolling = false;
  }

  async function turn(): Promise<void> {
    const all = [...watched.values()];
    const states = await launcher.states(all.map(({ job, isKnown }) => ({ ...job, isKnown }))); // 1
    for (let i = 0; i < all.length; i += LOOKED_AT_A_TIME) {
      const some = all.slice(i, i + LOOKED_AT_A_TIME);
      await Promise.all(some.map((one) => take(one, states.get(one.job.name) ?? { kind: 'unknown' })));
    }
    const fresh = all.filter((one) => watched.get(one.job.name) === one && !one.isKnown);
    await submitSome(fresh);
  }

  async function take(one: Watched, state: LaunchState): Promise<void> {
    if (watched.get(one.job.name) !== one) return;
    if (state.kind === 'waiting' || state.kind === 'running') return noteAlive(one, state);
    try {
      await conclude(one, state);
    } catch (error) {
      // A file system that fails for a while.
      if (error instanceof AppError || (error as NodeJS.ErrnoException).code === undefined) throw error;
      tell(`the folder of job ${one.job.name} cannot be read (${(error as Error).message}): it is tried again`);
    }
  }

  function noteAlive(one: Watched, state: LaunchState): void {
    one.isKnown = true;
    one.looks = 0;
    if (state.kind === 'waiting' && state.held)
      tell(`job ${one.job.name} is held (${state.why}): release or cancel it`);
  }

  async function conclude(one: Watched, state: OverState): Promise<void> {
    const ending = await conclusionOf(one, state, { clock, looksMax: launcher.looksMax });
    if (ending === 'forgotten') {
      tell(`the queue has forgotten job ${one.job.name} before it began: it is submitted again`);
    } else if (ending !== undefined) {
      watched.delete(one.job.name);
      one.resolve(ending);
    }
  }

  async function submitSome(fresh: readonly Watched[]): Promise<void> {
    const alive = [...watched.values()].filter(({ isKnown }) => isKnown).length;
    const next = fresh.slice(0, Math.max(0, launcher.jobsMax - alive));
    for (let i = 0; i < next.length; i += SUBMITTED_AT_A_TIME) {
      await Promise.all(next.slice(i, i + SUBMITTED_AT_A_TIME).map(submit));
    }
  }

  async function submit(one: Watched): Promise<void> {
    if (!watched.has(one.job.name)) return;
    try {
      await launcher.submit(one.job);
      Object.assign(one, { isKnown: true, looks: 0 });
      one.submissions++;
    } catch (error) {
      if (error instanceof AppError && error.retryable) return tell(error.message);
      watched.delete(one.job.name);
      one.reject(error);
    }
  }

  return {
    ended(job, signal) {
      return new Promise((resolve, reject) => {
        const stop = () => {
          watched.delete(job.name);
          reject(new AppError('interrupted', `waiting for job ${job.name} was interrupted`));
        };
        if (signal.aborted) return stop();
        signal.addEventListener('abort', stop, { once: true });
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            signal.removeEventListener('abort', stop);
            settle(value);
          };
        const counters = { submissions: 0, isKnown: false, looks: 0, lookedMs: 0 };
        watched.set(job.name, { job, resolve: settled(resolve), reject: settled(reject), ...counters });
        if (isPolling) return;
        isPolling = true;
        void poll();
      });
    },
  };
}
