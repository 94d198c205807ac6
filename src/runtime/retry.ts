import { AppError } from '../model/app-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** Limits how long an error may last before the caller gets it; about 40 seconds with the defaults. */
export interface RetryPolicy {
  readonly attemptsMax: number;
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
  /**
   * The time, from the first failure on, in which attempts may fail; later the error passes to the caller. An attempt
   * that runs for longer than this before it fails has worked for a while, so its failure counts as a first one.
   */
  readonly withinMs?: number;
}

export const RETRY_POLICY: RetryPolicy = { attemptsMax: 12, firstDelayMs: 25, delayMsMax: 10_000 };

export interface RetryContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Reports each failed attempt that another attempt follows. */
  readonly telemetry?: Telemetry;
}

/** An error that lasts longer than this makes the process unready, so that others do not rely on it. */
const HINDERED_MS = 30_000;
const PERSISTENT: RetryPolicy = { ...RETRY_POLICY, attemptsMax: Number.POSITIVE_INFINITY };

/** Whether a retry can help. */
export function isPassing(error: unknown): error is AppError {
  return error instanceof AppError && error.retryable;
}

/** Whether the error is transient or this process is ending: a retry, or another node, will succeed. */
export function isOurs(error: unknown): boolean {
  return isPassing(error) || (error instanceof AppError && (error.code === 'interrupted' || error.code === 'closed'));
}

/** Like `retrying`, but without end unless `policy` limits it. Meanwhile telemetry shows the current error. */
export async function persisting<T>(
  context: RetryContext,
  action: () => Promise<T>,
  policy: RetryPolicy = PERSISTENT,
): Promise<T> {
  const { clock, telemetry } = context;
  const work = {};
  let failingSinceMs: number | undefined;
  const watched = async () => {
    try {
      return await action();
    } catch (error) {
      const nowMs = clock.monotonic();
      failingSinceMs ??= nowMs;
      if (isPassing(error) && nowMs - failingSinceMs >= HINDERED_MS) telemetry?.hindered(work, error);
      throw error;
    }
  };
  try {
    return await retrying(context, watched, policy);
  } finally {
    telemetry?.hindered(work, undefined);
  }
}

/**
 * Retries if the error says that a retry can help. The delay grows exponentially, and half of it is random, so that
 * many nodes do not retry at the same time. Other errors, and the last one, pass to the caller; after an abort there is
 * no retry.
 */
export async function retrying<T>(
  { clock, random, signal, telemetry }: RetryContext,
  action: () => Promise<T>,
  policy: RetryPolicy = RETRY_POLICY,
): Promise<T> {
  const { withinMs = Number.POSITIVE_INFINITY } = policy;
  let failingSinceMs: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const begunMs = clock.monotonic();
    try {
      return await action();
    } catch (error) {
      const nowMs = clock.monotonic();
      if (nowMs - begunMs > withinMs) [failingSinceMs, attempt] = [nowMs, 1];
      failingSinceMs ??= nowMs;
      const isOver = attempt >= policy.attemptsMax || nowMs - failingSinceMs >= withinMs;
      if (isOver || !isPassing(error)) throw error;
      telemetry?.retried({ error, attempt });
      const delay = Math.min(policy.delayMsMax, policy.firstDelayMs * 2 ** (attempt - 1));
      await clock.sleep(delay * (0.5 + random.uniform() / 2), signal);
      if (signal?.aborted) throw error;
    }
  }
}
