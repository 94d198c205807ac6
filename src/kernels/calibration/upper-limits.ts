import { normalQuantile } from '../normal-distribution.ts';
import { momentsOf, standardDeviation } from '../population-moments.ts';

/**
 * A limit that the p-quantile of a distribution exceeds with at most the given probability, whatever the distribution.
 * Equation: the k-th smallest of n values with the smallest k such that P(B >= k) <= alpha, B ~ Binomial(n, p): if the
 * limit lies below the quantile, at least k of the values do.
 * Source: Conover, Practical Nonparametric Statistics, 3rd ed. (1999), section 3.2; exact, as Clopper, Pearson,
 * Biometrika 26 (1934) 404, doi:10.1093/biomet/26.4.404.
 * Shapes: values: [n], in any order.
 * Units: those of the values; `share` and `alpha` are probabilities.
 * Requires: 0 < share < 1, 0 < alpha < 1, no value that is NaN.
 * Degenerate cases: Infinity where even the largest value is no limit, n < log(alpha) / log(share).
 * Errors: RangeError where what is required does not hold.
 * Known value: of 1 to 30 the median's limit is 20 at an alpha of 0.05: P(B >= 20) = 0.0494.
 */
export function quantileUpperLimit(values: ArrayLike<number>, share: number, alpha: number): number {
  if (!(share > 0 && share < 1 && alpha > 0 && alpha < 1)) throw new RangeError(`a share of ${share} at ${alpha}`);
  const sorted = Float64Array.from(values).sort();
  if (Number.isNaN(sorted.at(-1) ?? 0)) throw new RangeError('a value is NaN');
  const n = sorted.length;
  // P(B >= k) grows from the top: k = n, n - 1, ...
  let logTerm = n * Math.log(share);
  let tail = 0;
  let k = n + 1;
  while (k > 1 && tail + Math.exp(logTerm) <= alpha) {
    tail += Math.exp(logTerm);
    k--;
    // From P(B = k) to P(B = k - 1).
    logTerm += Math.log(k / (n - k + 1)) + Math.log((1 - share) / share);
  }
  return sorted[k - 1] ?? Number.POSITIVE_INFINITY;
}

/**
 * A limit that a mean exceeds with about the given probability, corrected for the skewness of the values: approximate.
 * Equation: mean - s w, where w solves ((1 + g w / 3)^3 - 1) / g + g / 6n = z / sqrt n, g is the skewness, s the
 * population STDEV and z the normal quantile of alpha.
 * Source: Hall, J. R. Stat. Soc. B 54 (1992) 221, doi:10.1111/j.2517-6161.1992.tb01876.x.
 * Shapes: values: [n], in any order.
 * Units: those of the values.
 * Degenerate cases: Infinity for fewer than 2 values; equal ones are their own limit.
 * Errors: none; NaN for NaN.
 * Known value: of symmetric values it is the mean - s z / sqrt n: of -1 and 1, 50 each, at 0.025 it is 0.196.
 */
export function meanUpperLimit(values: ArrayLike<number>, alpha: number): number {
  const n = values.length;
  if (n < 2) return Number.POSITIVE_INFINITY;
  const moments = momentsOf(values);
  const s = standardDeviation(moments);
  if (s === 0) return moments.mean;
  let cubes = 0;
  for (let i = 0; i < n; i++) cubes += ((values[i]! - moments.mean) / s) ** 3;
  const g = cubes / n;
  const y = normalQuantile(alpha) / Math.sqrt(n);
  const w = Math.abs(g) < SYMMETRIC ? y : (3 / g) * (Math.cbrt(1 + g * (y - g / (6 * n))) - 1);
  return moments.mean - s * w;
}

/** Below it the cubic is a straight line to the last digits. */
const SYMMETRIC = 1e-9;
