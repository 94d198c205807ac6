import { beforeEach, describe, expect, it } from 'vitest';
import { contentHash } from '../../src/model/content-hash.ts';
import type { Mishaps } from '../../src/model/recipe.ts';
import type { CalculationJob, CalculationResult, Calculator } from '../../src/ports/calculator.ts';

export interface CalculatorPlace {
  readonly calculator: Calculator;
  /** A job that completes, except for the mishaps. */
  job(mishaps?: Partial<Mishaps>): CalculationJob;
  /** Recipe texts that are not for this calculator. */
  readonly foreignRecipes: readonly string[];
  /** Lets time pass: in reality, or on the clock that the calculator was given. */
  pass(ms: number): Promise<void>;
}

const PENDING = 'pending';
const HOUR_MS = 3_600_000;

/** The contract of every Calculator whose recipes have mishaps. */
export function calculatorContract(create: () => CalculatorPlace): void {
  let place: CalculatorPlace;
  beforeEach(() => {
    place = create();
  });
  const run = (job: CalculationJob, signal = new AbortController().signal) => place.calculator.run(job, signal);
  const soFar = (running: Promise<CalculationResult>) => Promise.race([running, Promise.resolve(PENDING)]);
  /** The same job for another calculation. */
  const nth = (job: CalculationJob, i: number) => ({ ...job, calculationId: contentHash('calculation', [i]) });

  it('completes with a method and moduli in GPa', async () => {
    const result = await run(place.job());
    if (result.outcome !== 'completed') throw new Error(result.reason);
    expect(result.method.kind).not.toBe('');
    const values = Object.values(result.values);
    expect(values.length).toBeGreaterThan(0);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('gives the same job the same result, side by side, again, and after a restart', async () => {
    const job = place.job();
    const [first, second] = await Promise.all([run(job), run(job)]);
    expect(second).toEqual(first);
    expect(await run(job)).toEqual(first);
    expect(await create().calculator.run(job, new AbortController().signal)).toEqual(first);
  });

  it('takes between half and one and a half times the delay', async () => {
    const running = run(place.job({ delaySeconds: 60 }));
    await place.pass(29_900);
    expect(await soFar(running)).toBe(PENDING);
    await place.pass(60_200);
    expect(await soFar(running)).toMatchObject({ outcome: 'completed' });
  });

  it('is interrupted by an abort, before or amid waiting, and can be asked again', async () => {
    const job = place.job({ delaySeconds: 60 });
    await expect(run(job, AbortSignal.abort())).rejects.toMatchObject({ code: 'interrupted' });
    const controller = new AbortController();
    const running = run(job, controller.signal);
    const ended = expect(running).rejects.toMatchObject({ code: 'interrupted' });
    await place.pass(1000);
    controller.abort();
    await ended;
    const again = run(job);
    await place.pass(90_001);
    expect(await again).toMatchObject({ outcome: 'completed' });
  });

  it('refuses what is no recipe, or none of its own', async () => {
    const own = place.job().recipe;
    const broken = [own.slice(1), '[]', 'null', '{}', own.replace('{', '{"unheard-of":1,'), ...place.foreignRecipes];
    for (const mishap of [{ failureRate: 1.5 }, { neverReturningRate: -0.1 }, { delaySeconds: -1 }, { seed: 0.5 }]) {
      broken.push(place.job(mishap).recipe);
    }
    for (const recipe of broken) {
      const running = run({ ...place.job(), recipe });
      await expect(running, recipe).rejects.toMatchObject({ code: 'invalid_argument', retryable: false });
    }
  });

  describe('mishaps', () => {
    const outcomes = async (jobs: readonly CalculationJob[]) =>
      (await Promise.all(jobs.map((job) => run(job)))).map(({ outcome }) => outcome);
    const many = (job: CalculationJob, count: number) => Array.from({ length: count }, (_, i) => nth(job, i));

    it('fail their share of the attempts, with a reason', async () => {
      const failed = (await outcomes(many(place.job({ failureRate: 0.2 }), 1000))).filter((o) => o === 'failed');
      // Four standard deviations of a binomial distribution are 51.
      expect(Math.abs(failed.length - 200)).toBeLessThan(51);
      expect(await run(place.job({ failureRate: 1 }))).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(/attempt 1/),
      });
    });

    it('are drawn anew for each attempt, and alike for the same', async () => {
      const job = place.job({ failureRate: 0.5 });
      const attempts = Array.from({ length: 40 }, (_, i) => ({ ...job, attempt: i + 1 }));
      const drawn = await outcomes(attempts);
      expect(new Set(drawn)).toEqual(new Set(['completed', 'failed']));
      expect(await outcomes(attempts)).toEqual(drawn);
    });

    it('are others for another seed', async () => {
      const [one, two] = await Promise.all(
        [1, 2].map((seed) => outcomes(many(place.job({ failureRate: 0.5, seed }), 40))),
      );
      expect(two).not.toEqual(one);
    });

    it('keep some calculations from ever returning, at any attempt, until they are aborted', async () => {
      const job = place.job({ neverReturningRate: 0.5, delaySeconds: 1 });
      const controller = new AbortController();
      const returned = new Map<string, boolean[]>();
      const runs = many(job, 20).flatMap((each) =>
        [1, 2].map(async (attempt) => {
          const fate = returned.get(each.calculationId) ?? [];
          returned.set(each.calculationId, fate);
          fate[attempt - 1] = false;
          await run({ ...each, attempt }, controller.signal);
          fate[attempt - 1] = true;
        }),
      );
      const settled = Promise.allSettled(runs);
      await place.pass(HOUR_MS);
      const fates = [...returned.values()];
      for (const [first, second] of fates) expect(second).toBe(first);
      expect(new Set(fates.map(([first]) => first))).toEqual(new Set([true, false]));
      controller.abort();
      const reasons = (await settled).flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      expect(reasons).toHaveLength(2 * fates.filter(([first]) => !first).length);
      expect(reasons.every(({ code }) => code === 'interrupted')).toBe(true);
    });
  });
}
