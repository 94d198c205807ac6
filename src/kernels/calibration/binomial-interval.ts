import type { Interval } from './bootstrap-interval.ts';

/** The two-sided 95 % quantile of a normal distribution. */
const Z95 = 1.959963984540054;

/**
 * The 95 % interval of a share of which `count` of `total` were found (Wilson's score interval).
 * Equation: (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), p = count / n, z = 1.96.
 * Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209, doi:10.1080/01621459.1927.10502953; Brown, Cai, DasGupta,
 * Stat. Sci. 16 (2001) 101, doi:10.1214/ss/1009213286.
 * Units: shares, 0 to 1.
 * Degenerate cases: 0 to 1 where the total is 0.
 * Errors: RangeError where the count is not from 0 to the total.
 * Known value: 0 of 10 give 0 to 0.2775327998628892.
 */
export function binomialInterval(count: number, total: number): Interval {
  if (!(count >= 0 && count <= total)) throw new RangeError(`${count} of ${total}`);
  if (total === 0) return { low: 0, high: 1 };
  const share = count / total;
  const z2 = Z95 ** 2 / total;
  const middle = share + z2 / 2;
  const half = Math.sqrt(z2 * share * (1 - share) + (z2 * z2) / 4);
  const limit = (value: number) => Math.min(1, Math.max(0, value / (1 + z2)));
  return { low: count === 0 ? 0 : limit(middle - half), high: count === total ? 1 : limit(middle + half) };
}
