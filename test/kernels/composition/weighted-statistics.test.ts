import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeWeightedStatistics } from '../../../src/kernels/composition/weighted-statistics.ts';

function statistics(values: readonly number[], weights: readonly number[]): number[] {
  const out = new Float64Array(6);
  writeWeightedStatistics(
    Float64Array.from([Number.NaN, ...values]),
    1,
    Uint8Array.from(values.keys()),
    Float64Array.from(weights),
    out,
    0,
  );
  return Array.from(out);
}

describe('writeWeightedStatistics', () => {
  it('gives minimum, maximum, range, mean, avg_dev and mode', () => {
    expect(statistics([7, 72], [1, 1])).toEqual([7, 72, 65, 39.5, 32.5, 7]);
    expect(statistics([10, 2, 4], [1, 1, 2])).toEqual([2, 10, 8, 5, 2.5, 4]);
  });

  it('takes the least of the values whose weights tie for the mode', () => {
    expect(statistics([1, 9, 5, 7], [1, 3, 3, 3])[5]).toBe(5);
  });

  it('does not depend on the scale of the weights or the order of the elements', () => {
    const pair = fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 10 }), fc.integer({ min: 2, max: 9 }), (pairs, factor) => {
        const values = pairs.map(([value]) => value);
        const weights = pairs.map(([, weight]) => weight);
        const expected = statistics(values, weights);
        const scaled = statistics(
          values,
          weights.map((weight) => weight * factor),
        );
        const reversed = statistics(values.toReversed(), weights.toReversed());
        for (const [i, x] of expected.entries()) {
          expect(scaled[i]).toBeCloseTo(x, 10);
          expect(reversed[i]).toBeCloseTo(x, 10);
        }
      }),
    );
  });
});
