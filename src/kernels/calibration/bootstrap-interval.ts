import { randomWords } from './random-words.ts';

/** Two limits of an estimate. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapSettings {
  readonly seed: number;
  readonly resamples: number;
  /** The probability with which the interval is to hold the mean. */
  readonly level: number;
}

/**
 * The percentile bootstrap interval of a mean: approximate, and too narrow for few values or heavy tails.
 * Method: B means of n values drawn with replacement; the ceil(B (1 - level) / 2)-th smallest and largest of them.
 * Source: Efron, Ann. Stat. 7 (1979) 1, doi:10.1214/aos/1176344552; Efron, Tibshirani, Stat. Sci. 1 (1986) 54,
 * doi:10.1214/ss/1177013815.
 * Shapes: values: [n]; their order decides which are drawn, so sort by id first.
 * Units: those of the values.
 * Degenerate cases: NaN without values.
 * Errors: none.
 * Known value: equal values give that value twice.
 */
export function bootstrapInterval(values: ArrayLike<number>, { seed, resamples, level }: BootstrapSettings): Interval {
  const n = values.length;
  if (n === 0) return { low: Number.NaN, high: Number.NaN };
  const next = randomWords(seed);
  const means = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[Math.floor((next() / 2 ** 32) * n)]!;
    means[b] = sum / n;
  }
  means.sort();
  const outside = Math.max(1, Math.ceil((resamples * (1 - level)) / 2));
  return { low: means[outside - 1]!, high: means[resamples - outside]! };
}
