import { answered } from './answered.ts';
import { kafkaFailure } from './kafka-failure.ts';
import { systemTiming, type Timing } from './timing.ts';

/** Longer than a failover, which takes 3 to 10 s. */
const TRY_MS = 30_000;
const PAUSE_MS_MAX = 1000;
/** An action may consist of several requests, and kafkajs sends each of them up to twice. */
const ACTION_MS_MAX = 45_000;

/** Waits before the n-th retry, counted from 0. */
export function pause(attempt: number, signal?: AbortSignal, timing: Timing = systemTiming): Promise<void> {
  return timing.sleep(Math.min(PAUSE_MS_MAX, 50 * 2 ** attempt), signal);
}

export interface RetriedOptions {
  /** Time limit for retries; default 30 s. */
  readonly tryMs?: number | undefined;
  /** True for an error that a retry cannot mend. */
  readonly isHopeless?: (error: unknown) => boolean;
  readonly timing?: Timing | undefined;
}

/**
 * Retries the action until it succeeds, until the time is over, or until a retry cannot help. A fresh cluster answers
 * the first request about a group with "coordinator not available" or "loading"; so does a cluster that has lost a
 * broker.
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
