import type { Clock } from '../ports/clock.ts';

/** Long enough that the breaks cost nothing, short enough that heartbeats, health and calls do not notice. */
const SLICE_MS = 25;

/** Runs long computations that come as steps, and lets the process do whatever else it has to do in between. */
export interface TimeSlices {
  run<T>(steps: Generator<void, T>): Promise<T>;
  /** Between computations that are one piece each: a break, where one is due. */
  pause(): Promise<void>;
}

/** @param clock a virtual one stands still meanwhile, so that a simulation does not break */
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
        // No promise where none is due: there are thousands of steps.
        if (clock.monotonic() - begun >= SLICE_MS) await pause();
        if (done) return value;
      }
    },
  };
}
