import { describe, expect, it } from 'vitest';
import { startCalculation } from '../../../services/calculation/calculation.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { CalculationRequested, ResultReceived } from '../../../src/model/events.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';
import { calculationId, recipeText } from '../../../src/model/recipe.ts';
import type { CalculationJob, CalculationResult, Calculator } from '../../../src/ports/calculator.ts';
import { hashOf } from '../../support/campaigns.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { openServiceWorld, type ServiceWorld, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const { calculations, results } = SIMULATED_TOPICS;
const idOf = (recipe: string) => calculationId(hashOf('material'), recipe);
const IDS = { calculationId: idOf('{}'), materialId: 'mp-1' as MaterialId };
const REQUESTED: CalculationRequested = {
  type: 'CalculationRequested',
  ...{ ...IDS, materialHash: hashOf('material'), recipe: '{}', attemptsMax: 3, labelSet: 'campaign:test', parkings: 0 },
};
const VALUES = { g_vrh: 80, k_vrh: 120 };
const METHOD = { kind: 'simulated' } as const;
const RESULT: ResultReceived = {
  type: 'ResultReceived',
  ...{ ...IDS, attempt: 1, materialHash: REQUESTED.materialHash, labelSet: 'campaign:test' },
  ...{ method: METHOD, values: VALUES },
};

/** Answers as told and notes what it was asked. */
function scripted(answer: (job: CalculationJob, signal: AbortSignal) => Promise<CalculationResult>) {
  const asked: number[] = [];
  const calculator: Calculator = {
    run(job, signal) {
      asked.push(job.attempt);
      return answer(job, signal);
    },
  };
  return { asked, calculator };
}

const succeeding = () => scripted(async () => ({ outcome: 'completed', method: METHOD, values: VALUES }));
const failing = () => scripted(async ({ attempt }) => ({ outcome: 'failed', reason: `failure ${attempt}` }));

/** Starts the service on what the log holds, and gives it an hour. */
async function anHourOf({ ports, run }: ServiceWorld, calculator: Calculator) {
  const service = await run(startCalculation(ports, { calculator }));
  await run(ports.clock.sleep(3_600_000));
  return service;
}

describe('calculation', () => {
  it('brings a result to the log under the id of its request', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: REQUESTED }));
    await anHourOf(world, succeeding().calculator);
    expect(world.eventsOf(results)).toEqual([RESULT]);
  });

  it('tries as often as it may, then gives up with the last reason', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: REQUESTED }));
    const { asked, calculator } = failing();
    await anHourOf(world, calculator);
    expect(asked).toEqual([1, 2, 3]);
    const failed = [1, 2, 3].map((attempt) => {
      return { type: 'CalculationAttemptFailed', ...IDS, attempt, reason: `failure ${attempt}` };
    });
    expect(world.eventsOf(calculations)).toEqual([
      ...[REQUESTED, ...failed],
      { type: 'CalculationAbandoned', ...IDS, attempts: 3, reason: 'failure 3' },
    ]);
  });

  it('goes on after the attempts that the log knows', async () => {
    const world = openServiceWorld();
    const failed = { type: 'CalculationAttemptFailed', ...IDS, attempt: 1, reason: 'earlier' } as const;
    await world.run(world.given({ event: REQUESTED }, { event: failed }));
    const { asked, calculator } = failing();
    await anHourOf(world, calculator);
    expect(asked).toEqual([2, 3]);
  });

  it('gives up for the reason that the log knows where no attempt is left', async () => {
    const world = openServiceWorld();
    const failed = { type: 'CalculationAttemptFailed', ...IDS, attempt: 3, reason: 'earlier' } as const;
    await world.run(world.given({ event: REQUESTED }, { event: failed }));
    const { asked, calculator } = failing();
    await anHourOf(world, calculator);
    expect(asked).toEqual([]);
    expect(world.eventsOf(calculations).at(-1)).toMatchObject({ type: 'CalculationAbandoned', reason: 'earlier' });
  });

  it('runs nothing again whose result is in the log, although the request was never committed', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: REQUESTED }, { event: RESULT }));
    const { asked, calculator } = succeeding();
    await anHourOf(world, calculator);
    expect(asked).toEqual([]);
  });

  it('leaves open what no calculator here can follow, says so once per recipe, and goes on with the others', async () => {
    const world = openServiceWorld();
    const recipe = '{"kind":"vasp"}';
    const foreign = (name: string) => {
      const materialHash = hashOf(name);
      return { ...REQUESTED, materialHash, calculationId: calculationId(materialHash, recipe), recipe };
    };
    await world.run(world.given({ event: foreign('a') }, { event: foreign('b') }, { event: REQUESTED }));
    const { calculator: own } = succeeding();
    const calculator: Calculator = {
      async run(job, signal) {
        if (job.recipe !== '{}') throw new AppError('invalid_argument', 'not one of mine');
        return own.run(job, signal);
      },
    };
    const waiting: string[] = [];
    const started = startCalculation(world.ports, { calculator, onWaiting: (why) => waiting.push(why) });
    const service = await world.run(started);
    await world.run(world.ports.clock.sleep(3_600_000));
    await expect(Promise.race([service.failed, 'well'])).resolves.toBe('well');
    expect(waiting).toEqual(['not one of mine']);
    expect(world.eventsOf(calculations).map(({ type }) => type)).toEqual(Array(3).fill('CalculationRequested'));
    expect(world.eventsOf(results)).toEqual([RESULT]);
    // Whoever can, does it.
    await world.run(service.stop());
    await anHourOf(world, own);
    expect(world.eventsOf(results)).toHaveLength(3);
  });

  it('halts what no retry cures, goes on with the others, and tries again when it is asked again', async () => {
    const world = openServiceWorld();
    const other = { ...REQUESTED, calculationId: idOf('{"n":1}'), recipe: '{"n":1}' };
    await world.run(world.given({ event: REQUESTED }, { event: other }));
    let isFull = true;
    const { asked, calculator } = scripted(async ({ recipe }) => {
      if (isFull && recipe === '{}') throw new AppError('storage_unwritable', 'the disk is full');
      return { outcome: 'completed', method: METHOD, values: VALUES };
    });
    const halted = (parkings: number) => {
      const reason = 'the calculation of mp-1 cannot be done: the disk is full';
      return { type: 'CalculationHalted', ...IDS, parkings, reason };
    };
    const service = await anHourOf(world, calculator);
    await expect(Promise.race([service.failed, 'well'])).resolves.toBe('well');
    expect(world.eventsOf(results)).toEqual([{ ...RESULT, calculationId: other.calculationId }]);
    expect(world.eventsOf(calculations)).toEqual([REQUESTED, other, halted(0)]);
    // Neither a redelivery nor another life begins it again.
    await world.run(world.given({ event: REQUESTED }));
    await world.run(service.stop());
    const next = await anHourOf(world, calculator);
    expect(asked).toHaveLength(2);
    await world.run(world.given({ event: { ...REQUESTED, parkings: 1 } }));
    await world.run(world.ports.clock.sleep(3_600_000));
    expect(world.eventsOf(calculations).at(-1)).toEqual(halted(1));
    isFull = false;
    await world.run(world.given({ event: { ...REQUESTED, parkings: 2 } }));
    await world.run(world.ports.clock.sleep(3_600_000));
    expect(world.eventsOf(results)).toHaveLength(2);
    await world.run(next.stop());
  });

  it('outlives a calculator that is away for hours, and says meanwhile what is in the way', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: REQUESTED }));
    let isAway = true;
    const { calculator } = scripted(async () => {
      if (isAway) throw new AppError('unavailable', 'no scheduler answers', { retryable: true });
      return { outcome: 'completed', method: METHOD, values: VALUES };
    });
    const { telemetry, hindrances } = recordedTelemetry();
    const ports = { ...world.ports, telemetry };
    const service = await world.run(startCalculation(ports, { calculator }));
    await world.run(ports.clock.sleep(5 * 3_600_000));
    await expect(Promise.race([service.failed, 'well'])).resolves.toBe('well');
    expect(hindrances()).toEqual(['no scheduler answers']);
    isAway = false;
    await world.run(ports.clock.sleep(60_000));
    expect(hindrances()).toEqual([]);
    expect(world.eventsOf(results)).toEqual([RESULT]);
    await world.run(service.stop());
  });

  it('asks nothing any more after its stop, not even what it was about to try again', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: REQUESTED }));
    const { asked, calculator } = scripted(() => {
      return Promise.reject(new AppError('unavailable', 'no server answers', { retryable: true }));
    });
    const service = await world.run(startCalculation(world.ports, { calculator }));
    await world.run(world.ports.clock.sleep(1000));
    const before = asked.length;
    await world.run(service.stop());
    expect(before).toBeGreaterThan(0);
    expect(asked).toHaveLength(before);
  });

  it('leaves the next attempt to the next owner where its stop came between two', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: REQUESTED }));
    const { log, clock } = world.ports;
    const { asked, calculator } = scripted(async () => {
      await clock.sleep(1000);
      return { outcome: 'failed', reason: 'it did not converge' };
    });
    let stopping: Promise<void> | undefined;
    const append: typeof log.append = async (at, events) => {
      stopping ??= service.stop();
      return log.append(at, events);
    };
    const service = await world.run(startCalculation({ ...world.ports, log: { ...log, append } }, { calculator }));
    await world.run(clock.sleep(60_000).then(() => stopping));
    expect(asked).toEqual([1]);
    expect(world.eventsOf(calculations).map(({ type }) => type)).toEqual([
      'CalculationRequested',
      'CalculationAttemptFailed',
    ]);
  });

  it('ends what never returns at its stop, and asks for it again in its next life', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: REQUESTED }));
    const { asked, calculator } = scripted(
      (_, signal) =>
        new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(new AppError('interrupted', 'nobody waits')));
        }),
    );
    for (let life = 1; life <= 2; life++) await world.run((await anHourOf(world, calculator)).stop());
    expect(asked).toEqual([1, 1]);
  });
});

describe('calculation by people', () => {
  const recipe = recipeText({ kind: 'manual', campaign: 'test', method: { kind: 'dft', code: 'VASP' } });
  const asked: CalculationRequested = { ...REQUESTED, calculationId: idOf(recipe), recipe, attemptsMax: 2 };
  const { calculationId: id, materialId } = asked;
  const failed = (attempt: number) => {
    return { type: 'CalculationAttemptFailed', calculationId: id, materialId, attempt, reason: 'no scf' } as const;
  };
  const abandoned = { type: 'CalculationAbandoned', calculationId: id, materialId, attempts: 2, reason: 'no scf' };

  it('stays open without a word, and is abandoned once they tell that the last attempt failed', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: asked }));
    const { asked: attempts, calculator } = succeeding();
    const waiting: string[] = [];
    const service = await world.run(
      startCalculation(world.ports, { calculator, onWaiting: (why) => waiting.push(why) }),
    );
    const later = () => world.run(world.ports.clock.sleep(3_600_000));
    await later();
    await world.run(world.given({ event: failed(1) }, { event: failed(1) }));
    await later();
    expect(world.eventsOf(calculations)).toEqual([asked, failed(1), failed(1)]);
    await world.run(world.given({ event: failed(2) }));
    await later();
    expect(world.eventsOf(calculations).at(-1)).toEqual(abandoned);
    expect([attempts, waiting]).toEqual([[], []]);
    await world.run(service.stop());
  });

  it('is abandoned by the next life where they told of the last failure while nobody listened', async () => {
    const world = openServiceWorld();
    await world.run(world.given({ event: asked }, { event: failed(1) }, { event: failed(2) }));
    await anHourOf(world, succeeding().calculator);
    expect(world.eventsOf(calculations).at(-1)).toEqual(abandoned);
  });
});
