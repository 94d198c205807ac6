import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeMoments, momentsOf, NO_MOMENTS, standardDeviation } from '../../src/kernels/population-moments.ts';

const values = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { maxLength: 30 });

describe('momentsOf', () => {
  it('leaves out what is not known', () => {
    expect(momentsOf([1, 2, Number.NaN, 3, 4])).toEqual({ count: 4, mean: 2.5, squaredDeviations: 5 });
    expect(momentsOf([Number.NaN])).toEqual(NO_MOMENTS);
  });

  it('gives the population STDEV', () => {
    expect(standardDeviation(momentsOf([1, 2, 3, 4]))).toBe(Math.sqrt(1.25));
    expect(standardDeviation(NO_MOMENTS)).toBeNaN();
  });
});

describe('mergeMoments', () => {
  it('equals the moments of all values together', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const merged = mergeMoments(momentsOf(a), momentsOf(b));
        const whole = momentsOf([...a, ...b]);
        expect(merged.count).toBe(whole.count);
        expect(merged.mean).toBeCloseTo(whole.mean, 8);
        expect(Math.abs(merged.squaredDeviations - whole.squaredDeviations)).toBeLessThan(
          1e-9 * (1 + whole.squaredDeviations),
        );
      }),
    );
  });
});
