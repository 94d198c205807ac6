import type { StartOffset } from '../../ports/event-log.ts';
import { createPace, type Pace } from './pace.ts';
import type { Timing } from './timing.ts';

interface Line {
  readonly pace: Pace;
  last: Promise<void>;
  /** Offsets that the next request commits, collected while a request is under way. */
  waiting?: { readonly places: StartOffset[]; readonly done: Promise<void> } | undefined;
}

/** Longest pause between two requests while commits keep arriving. */
const REST_MS_MAX = 100;

/**
 * Sends commit requests one after another. Commits that arrive while a request is under way share the next one. To the
 * brokers a commit request is one append that all in-sync replicas acknowledge, whether it names one partition or
 * fifty.
 *
 * @returns a function that commits an offset for a seat; it resolves when the offset is committed, and rejects if the
 * shared request fails
 */
export function createJointCommits<Seat extends object>(
  exchange: (seat: Seat, places: readonly StartOffset[]) => Promise<void>,
  timing?: Timing,
): (seat: Seat, at: StartOffset) => Promise<void> {
  // One line per seat: a request of a lost seat may never be answered, and must not delay those of the next seat.
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
