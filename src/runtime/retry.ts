import { AppError } from '../model/app-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** How long a fault may last before the caller gets the error: with the defaults about 40 seconds. */
export interface RetryPolicy {
  readonly attemptsMax: number;
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
  /**
   * The time in which attempts may fail, counted from the first failure; after it, nothing is tried again. An attempt
   * that ran for longer than this before it failed did work: its failure counts as a first one.
   */
  readonly withinMs?: number;
}

export const RETRY_POLICY: RetryPolicy = { attemptsMax: 12, firstDelayMs: 25, delayMsMax: 10_000 };

export interface RetryContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Told of each attempt after which another follows. */
  readonly telemetry?: Telemetry;
}

/** A fault that lasts longer than this makes the process unready: others should not count on it. */
const HINDERED_MS = 30_000;
const PERSISTENT: RetryPolicy = { ...RETRY_POLICY, attemptsMax: Number.POSITIVE_INFINITY };

/** Whether trying again can help. */
export function isPassing(error: unknown): error is AppError {
  return error instanceof AppError && error.retryable;
}

/** The fault passes, or this process is ending. Another try, or another node, will succeed. */
export function isOurs(error: unknown): boolean {
  return isPassing(error) || (error instanceof AppError && (error.code === 'interrupted' || error.code === 'closed'));
}

/** As `retrying`, without an end unless `policy` sets one. Meanwhile telemetry shows which error stands in the way. */
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
 * Tries again where an error says that this can help: exponential delay, half of it at random so that many nodes do not
 * come back at once. Other errors, and the last one, pass; after an abort nothing is tried any more.
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
