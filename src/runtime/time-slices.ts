import type { Clock } from '../ports/clock.ts';

/** Long enough that the breaks cost nothing, short enough that heartbeats, health checks and calls are not delayed. */
const SLICE_MS = 25;

/** Runs long computations in steps and lets the process do its other work in between. */
export interface TimeSlices {
  run<T>(steps: Generator<void, T>): Promise<T>;
  /** Takes a break if one is due; call it between computations that cannot be divided. */
  pause(): Promise<void>;
}

/** @param clock a virtual clock stands still during a computation, so a simulation takes no breaks */
export function createTimeSlices(clock: Clock): TimeSlices {
  let begun = clock.monotonic();
  async function pause(): Promise<void> {
    if (clock.monotonic() - begun < SLICE_MS) return;
    await clock.sleep(0);
    begun = clock.monotonic();
  }
  return {
    pause,
    async run(steps) {
      for (;;) {
        const { done, value } = steps.next();
        // Await only if a break is due: there are thousands of steps.
        if (clock.monotonic() - begun >= SLICE_MS) await pause();
        if (done) return value;
      }
    },
  };
}
