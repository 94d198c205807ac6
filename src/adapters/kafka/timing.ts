import type { Clock } from '../../ports/clock.ts';
import { systemClock } from '../in-process/system-clock.ts';

/**
 * Elapsed time and pauses, replaceable so that a simulation can control them. `now` has an arbitrary origin: only
 * differences are meaningful.
 */
export type Timing = Pick<Clock, 'now' | 'sleep'>;

/** The monotonic clock of this process: setting the system clock changes no deadline. */
export const systemTiming: Timing = { now: systemClock.monotonic, sleep: systemClock.sleep };
