import { AppError } from '../../../src/model/app-error.ts';
import { FAULTS, type Fault, type FaultRates } from './fault-rates.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** When a world becomes calm, whichever comes first; never without. */
export interface CalmAfter {
  /** Virtual time. */
  readonly ms?: number;
  /** Delays are not counted. */
  readonly faults?: number;
}

/** A time in which a fault strikes always, ms after the beginning. */
export interface Outage {
  readonly fault: Fault;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What all parts of a world share: its time, its fate and its story. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Whether the fault comes about now. The n-th answer for a fault depends on seed, rate and n only. */
  strikes(fault: Fault): boolean;
  /** 0 where nothing delays it. */
  delayMs(): number;
  /** Sleeps as long as `delayMs` says. */
  pause(): Promise<void>;
  /** Adds to the story. */
  tell(who: string, what: string): void;
  readonly story: readonly string[];
  /** How often each fault came about. */
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
  // Most delays are short, as they are in life.
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
