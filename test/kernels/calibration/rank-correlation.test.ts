import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankCorrelation } from '../../../src/kernels/calibration/rank-correlation.ts';

const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), { minLength: 2 });

describe('rankCorrelation', () => {
  it('has the known values', () => {
    expect(rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(0.9486832980505138, 15);
    expect(rankCorrelation([1, 2, 3], [2, 40, 500])).toBe(1);
    expect(rankCorrelation([1, 2, 3], [5, 4, 3])).toBe(-1);
  });

  /** 1 - 6 sum d^2 / (n^3 - n), which holds without ties. */
  it("agrees with Spearman's formula without ties", () => {
    const without = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 });
    fc.assert(
      fc.property(without, without, (a, b) => {
        const squares = a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0);
        expect(rankCorrelation(a, b)).toBeCloseTo(1 - (6 * squares) / (8 ** 3 - 8), 12);
      }),
    );
  });

  it('depends neither on the order of the pairs nor on any rising scale', () => {
    fc.assert(
      fc.property(pairs, (of) => {
        const found = rankCorrelation(
          of.map(([a]) => a),
          of.map(([, b]) => b),
        );
        const turned = of.toReversed();
        const again = rankCorrelation(
          turned.map(([a]) => a ** 3),
          turned.map(([, b]) => Math.exp(b)),
        );
        if (Number.isNaN(found)) expect(again).toBeNaN();
        else expect(again).toBeCloseTo(found, 12);
      }),
    );
  });

  it('is not defined where nothing differs', () => {
    expect(rankCorrelation([1, 1], [1, 2])).toBeNaN();
    expect(rankCorrelation([], [])).toBeNaN();
    expect(() => rankCorrelation([1], [])).toThrow(RangeError);
  });
});
