import type { Clock } from '../../../ports/clock.ts';
import type { LaunchJob, LaunchState } from '../../../ports/launcher.ts';
import type { EndedRun } from '../../../ports/simulation-code.ts';
import { type RunOwner, readEnding, readOwner } from './run-folder.ts';
import { CLAIM_LOST, FOLDER_UNWRITABLE } from './run-script.ts';

/** How a job ended, as far as launcher and folder tell. */
export interface JobEnding {
  readonly ended: EndedRun['ended'];
  readonly exitCode?: number;
  readonly coreSeconds: number;
  /** What is to be said of it besides. */
  readonly note?: string;
}

/** What a watch remembers of a job that it waits for. */
export interface WatchedJob {
  readonly job: LaunchJob;
  submissions: number;
  /** Whether the launcher has known of it, or its folder is claimed. */
  isKnown: boolean;
  /** How many times its folder was looked at since it was last known to live, and when. */
  looks: number;
  lookedMs: number;
}

/** Of a job that is not known as alive. */
export type OverState = Extract<LaunchState, { readonly kind: 'ended' } | { readonly kind: 'unknown' }>;

interface LookingParts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly looksMax: number;
}

const LOOK_MS_MIN = 1_000;
const SUBMISSIONS_MAX = 3;
const GRACE_SECONDS = 120;

/**
 * How a job has ended that the launcher does not know as alive. The invariants are those of job-watch.ts.
 * @returns undefined if it is to be looked at again, or to be submitted; `forgotten` if it is to be submitted once more
 */
export async function conclusionOf(
  one: WatchedJob,
  state: OverState,
  { clock, looksMax }: LookingParts,
): Promise<JobEnding | 'forgotten' | undefined> {
  const { job } = one;
  const isNew = !one.isKnown && one.submissions === 0 && state.kind === 'unknown';
  // Thousands may wait for their submission: each is looked at once.
  if (isNew && one.looks > 0) return undefined;
  const ending = await readEnding(job.folder);
  if (ending !== undefined) {
    return { ended: 'exited', exitCode: ending.exitCode, coreSeconds: ending.seconds * job.cores }; // 2
  }
  const nowMs = clock.monotonic();
  if (one.looks > 0 && nowMs - one.lookedMs < LOOK_MS_MIN) return undefined;
  Object.assign(one, { lookedMs: nowMs, looks: one.looks + 1 });
  const owner = await readOwner(job.folder);
  if (owner !== undefined) one.isKnown = true;
  else if (isNew) return undefined; // 3
  const ranSeconds = secondsSince(owner, clock);
  const isElsewhere = state.kind === 'ended' && state.exitCode === CLAIM_LOST && owner !== undefined;
  if (isElsewhere ? ranSeconds < 60 * job.minutes + GRACE_SECONDS : one.looks < looksMax) return undefined; // 4
  if (state.kind === 'unknown' && owner === undefined && one.submissions < SUBMISSIONS_MAX) {
    Object.assign(one, { isKnown: false, looks: 0 });
    return 'forgotten';
  }
  return unwitnessed(state, job.cores * Math.min(ranSeconds, 60 * job.minutes));
}

function secondsSince(owner: Partial<RunOwner> | undefined, clock: Pick<Clock, 'now'>): number {
  return owner?.began === undefined ? 0 : Math.max(0, clock.now() / 1000 - owner.began);
}

/** The end of a job whose folder holds no word of it. */
function unwitnessed(state: OverState, estimated: number): JobEnding {
  if (state.kind !== 'ended') {
    return {
      ended: 'lost',
      note: 'the queue knows nothing of it any more, and it left no word',
      coreSeconds: estimated,
    };
  }
  const { ended, exitCode, coreSeconds = estimated } = state;
  if (ended !== 'exited') return { ended, coreSeconds };
  if (exitCode === FOLDER_UNWRITABLE) {
    return { ended: 'lost', note: 'its folder could not be written where it ran', coreSeconds };
  }
  return { ended: 'lost', note: `its job ended with code ${exitCode} and left no word of its end`, coreSeconds };
}
