import type { StartOffset } from '../../ports/event-log.ts';

interface Line {
  last: Promise<void>;
  /** What goes with the next exchange, while the last one is under way. */
  waiting?: { readonly places: StartOffset[]; readonly done: Promise<void> } | undefined;
}

/**
 * Commits one after another; what comes while one is under way goes together in the next. To the brokers a commit is an
 * append that all replicas acknowledge, whether it names one partition or fifty.
 *
 * @returns resolves when that offset is committed; a failure is that of all that went with it
 */
export function createJointCommits<Seat extends object>(
  exchange: (seat: Seat, places: readonly StartOffset[]) => Promise<void>,
): (seat: Seat, at: StartOffset) => Promise<void> {
  // By seat: what was asked for in a lost one may never be answered, and holds up nobody in the next.
  const lines = new WeakMap<Seat, Line>();

  return (seat, at) => {
    const line = lines.get(seat) ?? { last: Promise.resolve() };
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
    line.last = done.catch(() => {});
    return done;
  };
}
