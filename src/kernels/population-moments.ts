/** Number, mean and sum of squared deviations of some values; those of a union follow from those of its parts. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squaredDeviations: number;
}

export const NO_MOMENTS: Moments = { count: 0, mean: 0, squaredDeviations: 0 };

/**
 * The moments of the known values (those that are not NaN).
 * Equation: mean = sum x / n; squaredDeviations = sum (x - mean)^2, in index order.
 * Source: two-pass form, Chan, Golub, LeVeque, Am. Stat. 37 (1983) 242, doi:10.1080/00031305.1983.10483115.
 * Shapes: `values` has any length; if it is empty or all NaN, the result is NO_MOMENTS.
 * Units: `mean` has the unit of the values, `squaredDeviations` its square.
 * Errors: none.
 * Known value: 1, 2, 3, 4 has mean 2.5 and squared deviations 5.
 */
export function momentsOf(values: ArrayLike<number>): Moments {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    count++;
    sum += values[i]!;
  }
  if (count === 0) return NO_MOMENTS;
  const mean = sum / count;
  let squaredDeviations = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) squaredDeviations += (values[i]! - mean) ** 2;
  return { count, mean, squaredDeviations };
}

/**
 * The moments of the union of two disjoint sets. Rounding depends on the order, so merge in partition order.
 * Equation: d = mean_b - mean_a; mean = mean_a + d n_b / n; S = S_a + S_b + d^2 n_a n_b / n.
 * Source: Chan, Golub, LeVeque, Am. Stat. 37 (1983) 242, eq. 1.5, doi:10.1080/00031305.1983.10483115.
 * Shapes: scalars.
 * Units: as in Moments.
 * Errors: none; if one side is empty, the result is the other side, bit for bit.
 * Known value: the moments of {1, 2} and {3, 4} give mean 2.5 and squared deviations 5.
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const difference = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (difference * b.count) / count,
    squaredDeviations:
      a.squaredDeviations + b.squaredDeviations + (difference * difference * a.count * b.count) / count,
  };
}

/**
 * The population standard deviation.
 * Equation: sqrt(S / n).
 * Source: Chan, Golub, LeVeque, Am. Stat. 37 (1983) 242, doi:10.1080/00031305.1983.10483115.
 * Shapes: scalar.
 * Units: those of the values.
 * Errors: none; NaN for no values.
 * Known value: sqrt(1.25) for 1, 2, 3, 4.
 */
export function standardDeviation({ count, squaredDeviations }: Moments): number {
  return Math.sqrt(squaredDeviations / count);
}
