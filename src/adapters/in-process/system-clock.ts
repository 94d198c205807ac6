import type { Clock } from '../../ports/clock.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Not `setTimeout` of node:timers/promises: it creates an error with its stack for each sleep that ends early, that
  // is for each request.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      // What is due already has a negative wait, of which newer Nodes warn.
      const timer = setTimeout(end, Math.max(0, ms));
      signal?.addEventListener('abort', end);
      function end(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      }
    }),
};
