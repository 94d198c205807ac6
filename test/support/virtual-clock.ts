import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/ports/clock.ts';

export interface VirtualClock extends Clock {
  /** How many sleep. */
  readonly sleepers: number;
  /** Lets time pass: whoever is due wakes in order, at its own moment, and may sleep again before the next one wakes. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Time that stands still until it is told to pass. */
export function createVirtualClock(startMs = 0): VirtualClock {
  let now = startMs;
  const sleepers = new Set<Sleeper>();
  /** The first of those due earliest: a Set keeps the order in which they fell asleep. */
  const next = () => [...sleepers].reduce<Sleeper | undefined>((a, b) => (a && a.due <= b.due ? a : b), undefined);

  return {
    get sleepers() {
      return sleepers.size;
    },
    now: () => now,
    // Another beginning, as in life.
    monotonic: () => now - startMs + 1000,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { due: now + Math.max(0, ms), wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake);
      });
    },
    async advance(ms) {
      const end = now + ms;
      // What was started just before must have the time to fall asleep.
      await setImmediate();
      for (let sleeper = next(); sleeper && sleeper.due <= end; sleeper = next()) {
        now = sleeper.due;
        sleeper.wake();
        await setImmediate();
      }
      now = end;
    },
  };
}
