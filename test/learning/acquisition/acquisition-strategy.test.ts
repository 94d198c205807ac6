import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AcquisitionStrategy,
  type AnsweredCandidate,
  byScore,
  strategyOf,
} from '../../../src/learning/acquisition/acquisition-strategy.ts';
import type {
  AcquisitionContext,
  OfferedCandidate,
  PredictedCandidate,
} from '../../../src/learning/acquisition/offered-candidate.ts';
import type { AcquisitionSettings, StrategyName } from '../../../src/learning/campaign/campaign-config.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';

const context: AcquisitionContext = {
  seed: 1,
  round: 3,
  weights: [1, 1],
  labelMean: [50, 100],
  labelStandardDeviation: [40, 80],
  labelled: { targets: 2, values: Float64Array.of(130, 180, 10, 20, 900, Number.NaN) },
};
const candidate = offered({ id: 'mp-1' as MaterialId, mean: [90, 60], standardDeviation: [4, 16] });

/** A candidate of two members that differ in the same direction for all targets. */
function offered(predicted: PredictedCandidate): OfferedCandidate {
  const spreadOf = (coefficients: ArrayLike<number>) =>
    Math.abs(Array.from(coefficients).reduce((sum, c, t) => sum + c * predicted.standardDeviation[t]!, 0));
  return { ...predicted, spreadOf };
}

const SETTINGS: Readonly<Record<StrategyName, object>> = {
  ...{ exploration: {}, random: {}, greedy: {}, ucb: { beta: 2 }, ei: { xi: 0 }, pi: { xi: 0.1 } },
  range: { ranges: { g_vrh: { low: 80, high: 120 }, k_vrh: { low: 55 } } },
};
const strategy = (kind: StrategyName, others: object = {}) =>
  strategyOf({
    targets: ['g_vrh', 'k_vrh'],
    acquisition: { strategy: kind, batch: 5, weights: {}, ...SETTINGS[kind], ...others } as AcquisitionSettings,
  });

function scoreOf(kind: StrategyName, of: OfferedCandidate, within = context, others: object = {}): number {
  const answer = strategy(kind, others).answer(1, within);
  answer.offer(of);
  return answer.best()[0]!.score;
}

describe('exploration', () => {
  it('sums the relative STDEV over the targets', () => {
    expect(scoreOf('exploration', candidate, context)).toBeCloseTo(4 / 40 + 16 / 80, 15);
  });

  it('weighs the targets', () => expect(scoreOf('exploration', candidate, { ...context, weights: [2, 0] })).toBe(0.2));

  it('stays finite where the labels do not vary', () => {
    expect(scoreOf('exploration', candidate, { ...context, labelStandardDeviation: [0, Number.NaN] })).toBe(20);
  });
});

describe('greedy', () => {
  it('sums the standardised means', () => expect(scoreOf('greedy', candidate, context)).toBe(1 - 0.5));
});

describe('strategies that seek extreme values', () => {
  // In standardised units: mean 1 - 0.5, spread 4 / 40 + 16 / 80, and the best label (130 - 50) / 40 + (180 - 100) / 80.
  const [mean, spread, best] = [0.5, 0.3, 3];
  const minimal = { goal: 'min' };

  it('greedy with goal: min turns the order round', () =>
    expect(scoreOf('greedy', candidate, context, minimal)).toBe(-mean));

  it('ucb adds beta times the spread, whichever way it seeks', () => {
    expect(scoreOf('ucb', candidate)).toBeCloseTo(mean + 2 * spread, 12);
    expect(scoreOf('ucb', candidate, context, minimal)).toBeCloseTo(-mean + 2 * spread, 12);
  });

  it('ei is the log of the expected improvement over the best label, by numerical integration', () => {
    const integral = (to: number, from: number) => {
      let sum = 0;
      const step = 1e-4;
      for (let z = -12; z < 12; z += step) {
        const gain = to + spread * z - from;
        if (gain > 0) sum += (gain * Math.exp(-0.5 * z * z) * step) / Math.sqrt(2 * Math.PI);
      }
      return Math.log(sum);
    };
    expect(scoreOf('ei', candidate)).toBeCloseTo(integral(mean, best), 3);
    expect(scoreOf('ei', candidate, context, { xi: 0.2 })).toBeCloseTo(integral(mean, best + 0.2), 3);
    // The smallest label is (10 - 50) / 40 + (20 - 100) / 80.
    expect(scoreOf('ei', candidate, context, minimal)).toBeCloseTo(integral(-mean, 2), 3);
  });

  it('pi is how many STDEVs the mean lies above the best label and the margin', () =>
    expect(scoreOf('pi', candidate)).toBeCloseTo((mean - best - 0.1) / spread, 12));

  it('without a label that knows all targets the mean of the labels is to be improved', () => {
    const labelled = { targets: 2, values: Float64Array.of(900, Number.NaN) };
    expect(scoreOf('pi', candidate, { ...context, labelled })).toBeCloseTo((mean - 0.1) / spread, 12);
    const oneTarget = { ...context, labelled, weights: [1, 0] };
    expect(scoreOf('pi', candidate, oneTarget)).toBeCloseTo((1 - 21.25 - 0.1) / 0.1, 9);
  });

  it('stays finite where members agree', () => {
    const agreed = offered({ ...candidate, standardDeviation: [0, 0] });
    for (const kind of ['ucb', 'ei', 'pi', 'range'] as const) {
      expect(Number.isFinite(scoreOf(kind, agreed))).toBe(true);
      expect(
        Number.isFinite(scoreOf(kind, offered({ ...candidate, mean: [1e6, -1e6], standardDeviation: [0, 0] }))),
      ).toBe(true);
    }
  });
});

describe('range', () => {
  it('multiplies the probabilities of the targets', () => {
    // 90 +- 4 between 80 and 120: -2.5 to 7.5 STDEVs; 60 +- 16 above 55: from -0.3125 STDEVs.
    expect(scoreOf('range', candidate)).toBeCloseTo(-0.479968073176026, 12);
    const oneSided = { ranges: { k_vrh: { high: 60 } } };
    expect(scoreOf('range', candidate, context, oneSided)).toBeCloseTo(Math.log(0.5), 12);
  });
});

describe('random', () => {
  it('depends on seed, round and id, and on nothing else', () => {
    const score = scoreOf('random', candidate, context);
    expect(scoreOf('random', { ...candidate, mean: [0, 0], standardDeviation: [9, 9] }, context)).toBe(score);
    const others = [
      scoreOf('random', { ...candidate, id: 'mp-2' as MaterialId }, context),
      scoreOf('random', candidate, { ...context, seed: 2 }),
      scoreOf('random', candidate, { ...context, round: 4 }),
    ];
    expect(new Set([score, ...others]).size).toBe(4);
  });
});

/** A batch that keeps its distance: of twice as many as wanted the best, then always the farthest from all chosen. */
const spreadOut = byScore(
  'greedy',
  () =>
    ({ mean }) =>
      mean[0]!,
  {
    answerSize: (batch) => 2 * batch,
    choose<T extends AnsweredCandidate>(merged: readonly T[], batch: number): T[] {
      const chosen = merged.slice(0, Math.min(batch, 1));
      while (chosen.length < Math.min(batch, merged.length)) {
        const nearest = ({ mean }: T) => Math.min(...chosen.map((other) => Math.abs(other.mean[1]! - mean[1]!)));
        const free = merged.filter((candidate) => !chosen.includes(candidate));
        chosen.push(free.reduce((best, other) => (nearest(other) > nearest(best) ? other : best)));
      }
      return chosen;
    },
  },
);

function chosenOf(by: AcquisitionStrategy, partitions: readonly (readonly PredictedCandidate[])[], batch: number) {
  const size = by.answerSize(batch);
  const answers = partitions.map((partition) => {
    const answer = by.answer<OfferedCandidate & { memberPredictions: number[] }>(size, context);
    for (const one of partition) answer.offer({ ...offered(one), memberPredictions: [] });
    return answer.best();
  });
  return by.choose(by.merge(answers, size), batch).map(({ id }) => id);
}

describe.each([
  ...(Object.keys(SETTINGS) as StrategyName[]).map((kind) => [kind, strategy(kind)] as const),
  ['a strategy that looks at its batch as a whole', spreadOut] as const,
])('%s', (_, by) => {
  const few = fc.constantFrom(0, 1, 2, 50);
  const predicted = fc.record({
    id: fc.string({ minLength: 1, maxLength: 4 }).map((text) => text as MaterialId),
    mean: fc.tuple(few, few),
    standardDeviation: fc.tuple(few, few),
  });
  const pool = fc.uniqueArray(predicted, { maxLength: 40, selector: ({ id }) => id });

  it('chooses the same batch however the pool is cut', () => {
    fc.assert(
      fc.property(pool, fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }), fc.nat(8), (all, cut, batch) => {
        const partitions = [0, 1, 2, 3].map((partition) => all.filter((__, i) => cut[i] === partition));
        const chosen = chosenOf(by, [all], batch);
        expect(chosenOf(by, partitions, batch)).toEqual(chosen);
        expect(new Set(chosen).size).toBe(Math.min(batch, all.length));
      }),
    );
  });
});
