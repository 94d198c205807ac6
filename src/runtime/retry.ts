import { AppError } from '../model/app-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** How long a passing fault may take before it counts as lasting: with the defaults about 40 seconds. */
export interface RetryPolicy {
  readonly attemptsMax: number;
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
  /**
   * Nothing is tried any more so long after the first of these failures, however slowly each attempt fails. What went on
   * for longer before it failed had been well: its failure is a first one.
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

/** So long may a fault last before others should not count on this process. */
const HINDERED_MS = 30_000;
const PERSISTENT: RetryPolicy = { ...RETRY_POLICY, attemptsMax: Number.POSITIVE_INFINITY };

/** Whether trying again can help. */
export function isPassing(error: unknown): error is AppError {
  return error instanceof AppError && error.retryable;
}

/** What may be over, and the end of this process: another try, or another node, cures it. */
export function isOurs(error: unknown): boolean {
  return isPassing(error) || (error instanceof AppError && (error.code === 'interrupted' || error.code === 'closed'));
}

/** As `retrying`, for as long as it takes unless told, and tells those who watch what is in the way meanwhile. */
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
