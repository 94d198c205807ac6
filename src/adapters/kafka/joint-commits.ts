import type { StartOffset } from '../../ports/event-log.ts';
import { createPace, type Pace } from './pace.ts';
import type { Timing } from './timing.ts';

interface Line {
  readonly pace: Pace;
  last: Promise<void>;
  /** What goes with the next exchange, while the last one is under way. */
  waiting?: { readonly places: StartOffset[]; readonly done: Promise<void> } | undefined;
}

/** The longest rest between two exchanges while commits keep coming. */
const REST_MS_MAX = 100;

/**
 * Commits one after another; what comes while one is under way goes together in the next. To the brokers a commit is an
 * append that all replicas acknowledge, whether it names one partition or fifty.
 *
 * @returns resolves when that offset is committed; a failure is that of all that went with it
 */
export function createJointCommits<Seat extends object>(
  exchange: (seat: Seat, places: readonly StartOffset[]) => Promise<void>,
  timing?: Timing,
): (seat: Seat, at: StartOffset) => Promise<void> {
  // By seat: what was asked for in a lost one may never be answered, and holds up nobody in the next.
  const lines = new WeakMap<Seat, Line>();

  return (seat, at) => {
    const line = lines.get(seat) ?? { last: Promise.resolve(), pace: createPace(REST_MS_MAX, timing) };
    lines.set(seat, line);
    if (line.waiting) {
      line.waiting.places.push(at);
      return line.waiting.done;
    }
    const places = [at];
    const done = line.last.then(() => {
      line.waiting = undefined;
      return exchange(seat, places);
    });
    line.waiting = { places, done };
    line.last = done.catch(() => {}).then(() => line.pace.rest(places.length));
    return done;
  };
}
