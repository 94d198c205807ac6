import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential, naturalLogarithm } from '../../src/kernels/logarithm.ts';

/** V8's own are within one unit in the last place. */
const RELATIVE = 5e-16;

describe('exponential', () => {
  it('is e^x', () => {
    expect(exponential(0)).toBe(1);
    expect(exponential(1)).toBeCloseTo(Math.E, 14);
    fc.assert(
      fc.property(fc.double({ min: -700, max: 709, noNaN: true }), (x) => {
        expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(RELATIVE);
      }),
      { numRuns: 5000 },
    );
  });

  it('ends at the ends of the numbers', () => {
    expect(exponential(1000)).toBe(Number.POSITIVE_INFINITY);
    expect(exponential(709.7)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(exponential(-1000)).toBe(0);
    expect(exponential(-745)).toBe(Number.MIN_VALUE);
    expect(exponential(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exponential(Number.NaN)).toBeNaN();
  });
});

describe('naturalLogarithm', () => {
  it('is ln x', () => {
    expect(naturalLogarithm(1)).toBe(0);
    expect(naturalLogarithm(10)).toBe(Math.LN10);
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        const wanted = Math.log(x);
        expect(Math.abs(naturalLogarithm(x) - wanted)).toBeLessThanOrEqual(RELATIVE * Math.max(1, Math.abs(wanted)));
      }),
      { numRuns: 5000 },
    );
  });

  it('is the inverse of the exponential over all moduli', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e4, noNaN: true }), (x) => {
        expect(Math.abs(exponential(naturalLogarithm(x)) / x - 1)).toBeLessThan(4e-15);
      }),
    );
  });

  it('has no value below zero', () => {
    expect(naturalLogarithm(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(naturalLogarithm(-1)).toBeNaN();
    expect(naturalLogarithm(Number.NaN)).toBeNaN();
    expect(naturalLogarithm(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });

  // Known bits: another engine, another processor must give the same.
  it('has the same bits everywhere', () => {
    let [sum, product] = [0, 1];
    for (let i = 1; i <= 1000; i++) {
      sum += naturalLogarithm(i * 0.37);
      product = exponential(product / i);
    }
    expect([sum, product]).toEqual([4917.875905144295, 1.001001503677915]);
  });
});
