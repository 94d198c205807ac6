import { describe, expect, it } from 'vitest';
import { binomialInterval } from '../../../src/kernels/calibration/binomial-interval.ts';
import { bootstrapInterval } from '../../../src/kernels/calibration/bootstrap-interval.ts';
import { randomWords, wordsFrom } from '../../../src/kernels/calibration/random-words.ts';

const settings = { seed: 1, resamples: 1000, level: 0.95 };

describe('randomWords', () => {
  /** From the state 1, 2, 3, 4: worked by hand from the authors' C code. */
  it("is the authors' generator", () => {
    const next = wordsFrom([1, 2, 3, 4]);
    expect([next(), next(), next()]).toEqual([641, 1573767, 3222811527]);
  });

  it('depends on the seed, and fills its range evenly', () => {
    const next = randomWords(3);
    const words = Array.from({ length: 20_000 }, () => next());
    const again = randomWords(3);
    expect(words.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => again()));
    expect(randomWords(4)()).not.toBe(words[0]);
    const tenths = Array.from({ length: 10 }, (_, i) => words.filter((w) => Math.floor((w / 2 ** 32) * 10) === i));
    for (const { length } of tenths) expect(Math.abs(length - 2000)).toBeLessThan(200);
  });
});

describe('bootstrapInterval', () => {
  it('is as wide as the normal approximation where that holds', () => {
    const next = randomWords(5);
    const values = Array.from({ length: 900 }, () => next() / 2 ** 32);
    const { low, high } = bootstrapInterval(values, settings);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const half = 1.96 * Math.sqrt(1 / 12 / 900);
    expect(low).toBeCloseTo(mean - half, 2);
    expect(high).toBeCloseTo(mean + half, 2);
  });

  it('holds nothing but the value where all are equal, and nothing at all where there is none', () => {
    expect(bootstrapInterval([2, 2, 2], settings)).toEqual({ low: 2, high: 2 });
    expect(bootstrapInterval([], settings)).toEqual({ low: Number.NaN, high: Number.NaN });
  });

  it('is the same for the same seed', () => {
    const values = [1, 5, 2, 8];
    expect(bootstrapInterval(values, settings)).toEqual(bootstrapInterval(values, settings));
  });
});

describe('binomialInterval', () => {
  /** statsmodels' proportion_confint(method='wilson') gives the same digits; the limits solve (p - x)^2 = z^2 x (1 - x) / n. */
  it('has the known values, and solves its equation', () => {
    expect(binomialInterval(0, 10).low).toBe(0);
    expect(binomialInterval(0, 10).high).toBeCloseTo(0.2775327998628892, 12);
    for (const x of Object.values(binomialInterval(36, 50))) {
      expect((0.72 - x) ** 2).toBeCloseTo((1.959963984540054 ** 2 * x * (1 - x)) / 50, 14);
    }
  });

  it('is whole where nothing is known, and mirrors', () => {
    expect(binomialInterval(0, 0)).toEqual({ low: 0, high: 1 });
    const [a, b] = [binomialInterval(3, 20), binomialInterval(17, 20)];
    expect(a.low).toBeCloseTo(1 - b.high, 14);
    expect(binomialInterval(20, 20).high).toBe(1);
    expect(() => binomialInterval(3, 2)).toThrow(RangeError);
  });
});
