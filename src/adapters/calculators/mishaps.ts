import { once, setMaxListeners } from 'node:events';
import { AppError } from '../../model/app-error.ts';
import { contentDigest, type HashField } from '../../model/content-hash.ts';
import type { Mishaps } from '../../model/recipe.ts';
import type { CalculationJob, CalculationResult } from '../../ports/calculator.ts';
import type { Clock } from '../../ports/clock.ts';

/** In [0, 1): 32 bits of a hash, so that a job meets the same fate wherever and whenever it runs. */
function drawn(kind: string, fields: readonly HashField[]): number {
  return contentDigest(kind, fields)[0]! / 2 ** 32;
}

/**
 * Takes the time that an attempt takes, and tells whether it fails. Whether it returns at all depends on the
 * calculation; delay and failure on the attempt too, so that trying again can help.
 * @returns undefined where the attempt succeeds
 * @throws AppError `interrupted` on abort, which alone ends a calculation that never returns
 */
export async function undergo(
  { calculationId, attempt }: CalculationJob,
  { seed, failureRate, neverReturningRate, delaySeconds }: Mishaps,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<Extract<CalculationResult, { outcome: 'failed' }> | undefined> {
  assertWaiting(signal, calculationId);
  // A whole batch may wait on one signal; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, signal);
  if (drawn('never-returning', [seed, calculationId]) < neverReturningRate) await once(signal, 'abort');
  const factor = 0.5 + drawn('calculation-delay', [seed, calculationId, attempt]);
  if (delaySeconds > 0) await clock.sleep(1000 * delaySeconds * factor, signal);
  assertWaiting(signal, calculationId);
  if (drawn('calculation-failure', [seed, calculationId, attempt]) >= failureRate) return undefined;
  const reason = `attempt ${attempt} was drawn to fail, as ${100 * failureRate} % do: try again, or lower failureRate`;
  return { outcome: 'failed', reason };
}

function assertWaiting(signal: AbortSignal, calculationId: string): void {
  if (signal.aborted) throw new AppError('interrupted', `waiting for calculation ${calculationId} was interrupted`);
}
