import { AppError } from '../../../src/model/app-error.ts';
import type { CalculationJob, CalculationResult, Calculator } from '../../../src/ports/calculator.ts';
import { createPortCalls, type Life } from './life.ts';
import { createSeededRandom } from './seeded-random.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The outcomes of calculations. They are drawn from `seed`, calculation and attempt alone, so that a run with faults
 * and one without see the same results.
 */
export interface CalculationScript {
  readonly seed: number;
  /** Probabilities; all other attempts complete. */
  readonly failing: number;
  readonly neverReturning: number;
  readonly notANumber: number;
  /** The longest duration of a job. */
  readonly msMax: number;
}

export const CALCULATION_SCRIPT: CalculationScript = {
  seed: 1,
  failing: 0.1,
  neverReturning: 0.02,
  notANumber: 0.05,
  msMax: 3_600_000,
};

interface StartedJob {
  readonly result: CalculationResult | 'never';
  readonly finished: number;
}

/** The started jobs, by calculation id and attempt; they continue, whatever happens to the node that started them. */
export type StartedJobs = Map<string, StartedJob>;

/** A node's access to the machine that calculates for all nodes. */
export function createSimulatedCalculator(
  around: Surroundings,
  life: Life,
  jobs: StartedJobs,
  script: CalculationScript,
): Calculator {
  const calls = createPortCalls(around, life, 'calculator');
  return {
    async run(job, signal) {
      const key = `${job.calculationId} ${job.attempt}`;
      const started = await calls.call(`calculate ${key}`, 'calculatorRefused', () => {
        const found = jobs.get(key) ?? startedJob(job, script, around.clock.now());
        jobs.set(key, found);
        return found;
      });
      const left = started.result === 'never' ? Infinity : started.finished - around.clock.now();
      await life.through(left === Infinity ? aborted(signal) : around.clock.sleep(left, signal));
      if (signal.aborted || started.result === 'never') {
        throw new AppError('interrupted', `nobody waits for calculation ${key} any more`);
      }
      return started.result;
    },
  };
}

function startedJob(job: CalculationJob, script: CalculationScript, now: number): StartedJob {
  const chance = createSeededRandom(script.seed);
  const random = chance.fork(`${job.calculationId} ${job.attempt}`);
  const finished = now + random.int(script.msMax + 1);
  const draw = random.uniform();
  const truth = chance.fork(job.materialId);
  const value = (max: number) => Math.round(truth.uniform() * max * 100) / 100;
  const values = { g_vrh: value(200), k_vrh: value(300) };
  const completed = { outcome: 'completed', method: { kind: 'simulated' } } as const;
  const ends: readonly (readonly [number, StartedJob['result']])[] = [
    [script.failing, { outcome: 'failed', reason: 'it did not converge' }],
    [script.neverReturning, 'never'],
    [script.notANumber, { ...completed, values: { ...values, k_vrh: Number.NaN } }],
  ];
  let sum = 0;
  const end = ends.find(([rate]) => {
    sum += rate;
    return draw < sum;
  });
  return { finished, result: end ? end[1] : { ...completed, values } };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
