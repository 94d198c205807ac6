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
      if (isOver || !(error instanceof AppError && error.retryable)) throw error;
      telemetry?.retried({ error, attempt });
      const delay = Math.min(policy.delayMsMax, policy.firstDelayMs * 2 ** (attempt - 1));
      await clock.sleep(delay * (0.5 + random.uniform() / 2), signal);
      if (signal?.aborted) throw error;
    }
  }
}
