import type { Clock } from '../../ports/clock.ts';

/** Elapsed time and pauses, so that a simulation can own them. `now` counts from any moment: only differences are used. */
export type Timing = Pick<Clock, 'now' | 'sleep'>;

/** Of this process, and monotonic: a clock that is set changes no deadline. */
export const systemTiming: Timing = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
      function end(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      }
    }),
};
