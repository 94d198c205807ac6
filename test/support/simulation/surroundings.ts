import { AppError } from '../../../src/model/app-error.ts';
import { FAULTS, type Fault, type FaultRates } from './fault-rates.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The time from which a world has no more faults: the first of these limits; never, if there is none. */
export interface CalmAfter {
  /** Virtual time, ms. */
  readonly ms?: number;
  /** A number of faults; delays do not count. */
  readonly faults?: number;
}

/** A time span in which a fault always strikes, ms after the beginning. */
export interface Outage {
  readonly fault: Fault;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The shared parts of a world: its time, its faults and its story. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Whether the fault occurs now. The n-th answer for a fault depends only on seed, rate and n. */
  strikes(fault: Fault): boolean;
  /** 0 if there is no delay. */
  delayMs(): number;
  /** Sleeps for `delayMs()`. */
  pause(): Promise<void>;
  /** Adds a line to the story. */
  tell(who: string, what: string): void;
  readonly story: readonly string[];
  /** The number of times that each fault occurred. */
  readonly struck: ReadonlyMap<Fault, number>;
}

const DELAY_MS_MAX = 10_000;

export function createSurroundings(
  clock: VirtualClock,
  random: SeededRandom,
  rates: FaultRates,
  calmAfter: CalmAfter,
  outages: readonly Outage[] = [],
): Surroundings {
  const start = clock.now();
  const chances = new Map(Object.keys(FAULTS).map((fault) => [fault, random.fork(`fault ${fault}`)]));
  const lengths = random.fork('delays');
  const struck = new Map<Fault, number>();
  const story: string[] = [];
  let counted = 0;

  const isCalm = () => clock.now() - start >= (calmAfter.ms ?? Infinity) || counted >= (calmAfter.faults ?? Infinity);
  const tell = (who: string, what: string) => void story.push(`${clock.now() - start} ${who}: ${what}`);
  const isOut = (fault: Fault) =>
    outages.some((outage) => {
      const ms = clock.now() - start;
      return outage.fault === fault && outage.fromMs <= ms && ms < outage.toMs;
    });
  const strikes = (fault: Fault) => {
    const drawn = chances.get(fault)!.chance(rates[fault]);
    if (!(drawn || isOut(fault)) || isCalm()) return false;
    struck.set(fault, (struck.get(fault) ?? 0) + 1);
    if (fault !== 'delay') {
      counted++;
      tell('fate', FAULTS[fault]);
    }
    return true;
  };
  // Most delays are short, as in reality.
  const delayMs = () => (strikes('delay') ? Math.ceil(DELAY_MS_MAX ** lengths.uniform()) : 0);
  return {
    clock,
    random,
    strikes,
    delayMs,
    tell,
    story,
    struck,
    async pause() {
      const ms = delayMs();
      if (ms > 0) await clock.sleep(ms);
    },
  };
}

export function unavailable(what: string): AppError {
  return new AppError('unavailable', `${what} is not to be reached just now; try again`, { retryable: true });
}
