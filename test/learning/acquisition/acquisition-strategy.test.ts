import { describe, expect, it } from 'vitest';
import {
  ACQUISITION_STRATEGIES,
  type AcquisitionContext,
} from '../../../src/learning/acquisition/acquisition-strategy.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';

const context: AcquisitionContext = {
  seed: 1,
  round: 3,
  weights: [1, 1],
  labelMean: [50, 100],
  labelStandardDeviation: [40, 80],
};
const candidate = { id: 'mp-1' as MaterialId, mean: [90, 60], standardDeviation: [4, 16] };
const { exploration, greedy, random } = ACQUISITION_STRATEGIES;

describe('exploration', () => {
  it('sums the relative STDEV over the targets', () => {
    expect(exploration.score(candidate, context)).toBeCloseTo(4 / 40 + 16 / 80, 15);
  });

  it('weighs the targets', () => expect(exploration.score(candidate, { ...context, weights: [2, 0] })).toBe(0.2));

  it('stays finite where the labels do not vary', () => {
    expect(exploration.score(candidate, { ...context, labelStandardDeviation: [0, Number.NaN] })).toBe(20);
  });
});

describe('greedy', () => {
  it('sums the standardised means', () => expect(greedy.score(candidate, context)).toBe(1 - 0.5));
});

describe('random', () => {
  it('depends on seed, round and id, and on nothing else', () => {
    const score = random.score(candidate, context);
    expect(random.score({ ...candidate, mean: [0, 0], standardDeviation: [9, 9] }, context)).toBe(score);
    const others = [
      random.score({ ...candidate, id: 'mp-2' as MaterialId }, context),
      random.score(candidate, { ...context, seed: 2 }),
      random.score(candidate, { ...context, round: 4 }),
    ];
    expect(new Set([score, ...others]).size).toBe(4);
  });
});

it.each(Object.values(ACQUISITION_STRATEGIES))('$name asks each partition for its whole batch', (strategy) => {
  expect(strategy.keepPerPartition(5)).toBe(5);
});
