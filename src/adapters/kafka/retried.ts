import { setTimeout as sleep } from 'node:timers/promises';
import { answered } from './answered.ts';
import { kafkaFailure } from './kafka-failure.ts';

/** Longer than a failover, which takes 3 to 10 s. */
const TRY_MS = 30_000;
const PAUSE_MS_MAX = 1000;
/** An action may be several requests, and kafkajs sends each twice. */
const ACTION_MS_MAX = 45_000;

/** Waits before the n-th attempt after a failure, counted from 0. */
export function pause(attempt: number, signal?: AbortSignal): Promise<void> {
  const ms = Math.min(PAUSE_MS_MAX, 50 * 2 ** attempt);
  return sleep(ms, undefined, signal && { signal }).catch(() => {});
}

/**
 * Tries until it succeeds, for at most 30 s unless told, or until trying again cannot help. On a fresh cluster the first question
 * about a group is answered "coordinator not available" or "loading", and so it is after a broker was lost.
 */
export async function retried<T>(
  what: string,
  action: () => Promise<T>,
  tryMs = TRY_MS,
  isHopeless: (error: unknown) => boolean = () => false,
): Promise<T> {
  const deadline = performance.now() + tryMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await answered(what, action(), ACTION_MS_MAX);
    } catch (error) {
      const failure = kafkaFailure(error, what);
      if (!failure.retryable || isHopeless(error) || performance.now() > deadline) throw failure;
      await pause(attempt);
    }
  }
}
