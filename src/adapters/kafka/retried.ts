import { answered } from './answered.ts';
import { kafkaFailure } from './kafka-failure.ts';
import { systemTiming, type Timing } from './timing.ts';

/** Longer than a failover, which takes 3 to 10 s. */
const TRY_MS = 30_000;
const PAUSE_MS_MAX = 1000;
/** An action may be several requests, and kafkajs sends each twice. */
const ACTION_MS_MAX = 45_000;

/** Waits before the n-th attempt after a failure, counted from 0. */
export function pause(attempt: number, signal?: AbortSignal, timing: Timing = systemTiming): Promise<void> {
  return timing.sleep(Math.min(PAUSE_MS_MAX, 50 * 2 ** attempt), signal);
}

export interface RetriedOptions {
  /** Nothing is tried any more after so long; 30 s unless told. */
  readonly tryMs?: number | undefined;
  /** An error after which trying again cannot help. */
  readonly isHopeless?: (error: unknown) => boolean;
  readonly timing?: Timing | undefined;
}

/**
 * Tries until it succeeds, for a time, or until trying again cannot help. On a fresh cluster the first question about a
 * group is answered "coordinator not available" or "loading", and so it is after a broker was lost.
 */
export async function retried<T>(
  what: string,
  action: () => Promise<T>,
  { tryMs = TRY_MS, isHopeless = () => false, timing = systemTiming }: RetriedOptions = {},
): Promise<T> {
  const deadline = timing.now() + tryMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await answered(what, action(), ACTION_MS_MAX, timing);
    } catch (error) {
      const failure = kafkaFailure(error, what);
      if (!failure.retryable || isHopeless(error) || timing.now() > deadline) throw failure;
      await pause(attempt, undefined, timing);
    }
  }
}
