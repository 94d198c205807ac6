import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../../src/kernels/calibration/random-words.ts';
import { meanUpperLimit, quantileUpperLimit } from '../../src/kernels/calibration/upper-limits.ts';
import { normalQuantile } from '../../src/kernels/normal-distribution.ts';

describe('normalQuantile', () => {
  it.each([
    [0.975, 1.959963984540054],
    [0.025, -1.959963984540054],
    [0.5, 0],
    [1e-10, -6.361340902404056],
  ])('of %d is %d', (p, z) => expect(normalQuantile(p)).toBeCloseTo(z, 11));

  it.each([0, 1, Number.NaN])('refuses %d', (p) => expect(() => normalQuantile(p)).toThrow(RangeError));
});

describe('quantileUpperLimit', () => {
  const oneTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
  const binomial = (n: number, k: number) => {
    let ways = 1;
    for (let i = 1; i <= k; i++) ways = (ways * (n - i + 1)) / i;
    return ways;
  };
  /** The smallest k by the binomial's definition. */
  const byDefinition = (n: number, p: number, alpha: number) => {
    for (let k = 1; k <= n; k++) {
      let tail = 0;
      for (let j = k; j <= n; j++) tail += binomial(n, j) * p ** j * (1 - p) ** (n - j);
      if (tail <= alpha) return k;
    }
    return Number.POSITIVE_INFINITY;
  };

  it('of 1 to 30 the median is below 20', () => expect(quantileUpperLimit(oneTo(30), 0.5, 0.05)).toBe(20));

  it('is the order statistic that the binomial distribution names', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        fc.double({ min: 0.001, max: 0.3, noNaN: true }),
        (n, p, alpha) => {
          expect(quantileUpperLimit(oneTo(n), p, alpha)).toBe(byDefinition(n, p, alpha));
        },
      ),
    );
  });

  it('is none where the values are too few', () => {
    expect(quantileUpperLimit(oneTo(35), 0.9, 0.025)).toBe(Number.POSITIVE_INFINITY);
    expect(quantileUpperLimit(oneTo(36), 0.9, 0.025)).toBe(36);
    expect(quantileUpperLimit([], 0.5, 0.5)).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses what is no share, no probability or not known', () => {
    for (const [values, share, alpha] of [
      [[1], 1, 0.1] as const,
      [[1], 0.5, 0] as const,
      [[Number.NaN], 0.5, 0.1] as const,
    ]) {
      expect(() => quantileUpperLimit(values, share, alpha)).toThrow(RangeError);
    }
  });
});

describe('meanUpperLimit', () => {
  it('of symmetric values is the mean and as many standard errors as the normal quantile', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    expect(meanUpperLimit(values, 0.025)).toBeCloseTo(0.1959963984540054, 12);
  });

  it('is exceeded about as often as it says, of values as skewed as errors are', () => {
    const next = randomWords(7);
    const uniform = () => (next() + 0.5) / 2 ** 32;
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const share = (n: number, alpha: number) => {
      let exceeded = 0;
      for (let run = 0; run < 2000; run++) {
        const values = Array.from({ length: n }, () => Math.exp(normal()));
        exceeded += +(meanUpperLimit(values, alpha) < Math.exp(0.5));
      }
      return exceeded / 2000;
    };
    expect(share(100, 0.05)).toBeLessThan(0.09);
    expect(share(400, 0.05)).toBeLessThan(0.075);
  });

  it('has nothing to say of one value, and is equal ones', () => {
    expect(meanUpperLimit([3], 0.05)).toBe(Number.POSITIVE_INFINITY);
    expect(meanUpperLimit([3, 3, 3], 0.05)).toBe(3);
  });
});
