import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AcquisitionContext,
  type AcquisitionStrategy,
  type AnsweredCandidate,
  byScore,
  type PredictedCandidate,
  strategyOf,
} from '../../../src/learning/acquisition/acquisition-strategy.ts';
import { STRATEGY_NAMES, type StrategyName } from '../../../src/learning/campaign/campaign-config.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';

const context: AcquisitionContext = {
  seed: 1,
  round: 3,
  weights: [1, 1],
  labelMean: [50, 100],
  labelStandardDeviation: [40, 80],
};
const candidate = { id: 'mp-1' as MaterialId, mean: [90, 60], standardDeviation: [4, 16] };
const strategy = (kind: StrategyName) => strategyOf({ strategy: kind, batch: 5, weights: {} });

function scoreOf(kind: StrategyName, of: PredictedCandidate, within = context): number {
  const answer = strategy(kind).answer(1, within);
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
const spreadOut = byScore('greedy', ({ mean }) => mean[0]!, {
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
});

function chosenOf(by: AcquisitionStrategy, partitions: readonly (readonly PredictedCandidate[])[], batch: number) {
  const size = by.answerSize(batch);
  const answers = partitions.map((partition) => {
    const answer = by.answer<PredictedCandidate & { memberPredictions: number[] }>(size, context);
    for (const one of partition) answer.offer({ ...one, memberPredictions: [] });
    return answer.best();
  });
  return by.choose(by.merge(answers, size), batch).map(({ id }) => id);
}

describe.each([
  ...STRATEGY_NAMES.map((kind) => [kind, strategy(kind)] as const),
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
