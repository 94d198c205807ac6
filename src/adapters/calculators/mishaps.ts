import { once, setMaxListeners } from 'node:events';
import { AppError } from '../../model/app-error.ts';
import { contentDigest, type HashField } from '../../model/content-hash.ts';
import type { Mishaps } from '../../model/recipe.ts';
import type { CalculationJob, CalculationResult } from '../../ports/calculator.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * Returns a number in [0, 1) from 32 bits of a hash, so that a job has the same outcome wherever and whenever it runs.
 */
function drawn(kind: string, fields: readonly HashField[]): number {
  return contentDigest(kind, fields)[0]! / 2 ** 32;
}

/**
 * Waits for the simulated duration of an attempt and tells whether the attempt fails. Whether it returns at all depends
 * only on the calculation. Delay and failure depend also on the attempt, so that a retry can help.
 * @returns undefined if the attempt succeeds
 * @throws AppError `interrupted` on abort; only this ends a calculation that never returns
 */
export async function undergo(
  { calculationId, attempt }: CalculationJob,
  { seed, failureRate, neverReturningRate, delaySeconds }: Mishaps,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<Extract<CalculationResult, { outcome: 'failed' }> | undefined> {
  assertWaiting(signal, calculationId);
  // A whole batch may wait on one signal, and Node warns of a leak above ten listeners.
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
