import type { Clock } from '../../../src/ports/clock.ts';

/*
 * Invariants:
 * 1. Time stands still while anything can happen without it: it advances only when all promises are settled and no
 *    immediate waits. The clock does not see real work elsewhere (a file, a thread, a real timer), so a simulation must
 *    have none.
 * 2. Sleepers wake in the order of their wake-up time, then in the order in which they fell asleep.
 */

/** A clock that advances only on request, and then at once. */
export interface VirtualClock extends Clock {
  /** The number of sleepers. */
  readonly sleepers: number;
  /** Lets this much time pass, with everything that happens meanwhile. */
  advance(ms: number): Promise<void>;
  /** Lets time pass until the condition holds. @throws Error if it does not hold in time, or nothing can happen */
  runUntil(condition: () => boolean, msMax: number): Promise<void>;
  /** Lets time pass until the promise is settled, and returns or throws its outcome. */
  outcome<T>(promise: Promise<T>, msMax: number): Promise<T>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

export function createVirtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = start;
  // Sorted by `due`; sleepers with equal times in order of arrival.
  const sleepers: Sleeper[] = [];

  function insert(sleeper: Sleeper): void {
    let [low, high] = [0, sleepers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sleepers[middle]!.due <= sleeper.due) low = middle + 1;
      else high = middle;
    }
    sleepers.splice(low, 0, sleeper);
  }

  /** Jumps to the next time at which a sleeper wakes. */
  function jump(): void {
    now = Math.max(now, sleepers[0]!.due);
    while (sleepers[0] && sleepers[0].due <= now) sleepers.shift()!.wake();
  }

  async function runUntil(condition: () => boolean, msMax: number): Promise<void> {
    const deadline = now + msMax;
    for (;;) {
      await quiescence();
      if (condition()) return;
      const next = sleepers[0];
      if (!next)
        throw new Error(`nothing is left to happen after ${now - start} ms, and it does not hold: ${condition}`);
      if (next.due > deadline) throw new Error(`not within ${msMax} virtual ms: ${condition}`);
      jump();
    }
  }

  return {
    get sleepers() {
      return sleepers.length;
    },
    now: () => now,
    monotonic: () => now,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const onAbort = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          resolve();
        };
        const wake = () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        const sleeper = { due: now + Math.max(0, ms), wake };
        insert(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    async advance(ms) {
      const end = now + ms;
      for (await quiescence(); sleepers[0] && sleepers[0].due <= end; await quiescence()) jump();
      now = end;
    },
    runUntil,
    async outcome(promise, msMax) {
      let settled = false;
      const note = () => {
        settled = true;
      };
      promise.then(note, note);
      await runUntil(() => settled, msMax);
      return promise;
    },
  };
}

/** The number of clocks that wait for their turn: several worlds may run concurrently. */
let turning = 0;
/** A few seconds of an empty loop. */
const TURNS_MAX = 1_000_000;

/** Resolves when all promises are settled and no other clock waits for the next turn of the event loop. */
async function quiescence(): Promise<void> {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    turning++;
    await new Promise((resolve) => setImmediate(resolve));
    turning--;
    const waiting = process.getActiveResourcesInfo().filter((resource) => resource === 'Immediate').length;
    if (waiting <= turning) return;
  }
  throw new Error(`something waits for the next turn of the event loop for ever: ${TURNS_MAX} turns, no virtual time`);
}
