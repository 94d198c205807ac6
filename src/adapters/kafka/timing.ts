import type { Clock } from '../../ports/clock.ts';
import { systemClock } from '../in-process/system-clock.ts';

/** Elapsed time and pauses, so that a simulation can own them. `now` counts from any moment: only differences are used. */
export type Timing = Pick<Clock, 'now' | 'sleep'>;

/** Of this process, and monotonic: a clock that is set changes no deadline. */
export const systemTiming: Timing = { now: systemClock.monotonic, sleep: systemClock.sleep };
