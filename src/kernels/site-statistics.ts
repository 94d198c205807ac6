/** The statistics in the order in which `writeSiteStatistics` writes them; the names are matminer's. */
export const SITE_STATISTICS = ['minimum', 'maximum', 'range', 'mean', 'avg_dev'] as const;

/**
 * Five statistics of a quantity over the sites of a crystal, with the same weight for each site.
 *
 * Equation: mean = sum_i x_i / n; avg_dev = sum_i |x_i - mean| / n; range = maximum - minimum.
 * Source: Ward et al., Phys. Rev. B 96, 024104 (2017), DOI 10.1103/PhysRevB.96.024104; matminer's PropertyStats.
 * Shapes: `values` Float64Array, of which n >= 1 numbers from index `from` on are used; writes out[offset] to
 * out[offset + 4].
 * Units: all five have the unit of the values.
 * Known value: 1, 2, 6 give 1, 6, 5, 3, 2.
 */
export function writeSiteStatistics(
  values: Float64Array,
  from: number,
  n: number,
  out: Float64Array,
  offset: number,
): void {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = from; i < from + n; i++) {
    const x = values[i]!;
    if (x < minimum) minimum = x;
    if (x > maximum) maximum = x;
    sum += x;
  }
  const mean = sum / n;
  out[offset] = minimum;
  out[offset + 1] = maximum;
  out[offset + 2] = maximum - minimum;
  out[offset + 3] = mean;
  out[offset + 4] = averageDeviation(values, from, n, mean);
}

/**
 * The mean absolute deviation from a mean.
 *
 * Equation: sum_i |x_i - mean| / n.
 * Source: Ward et al., Phys. Rev. B 96, 024104 (2017), DOI 10.1103/PhysRevB.96.024104.
 * Shapes: `values` Float64Array, of which n >= 1 numbers from index `from` on are used.
 * Returns: in the unit of the values.
 * Known value: 1, 2, 6 about the mean 3 give 2.
 */
export function averageDeviation(values: Float64Array, from: number, n: number, mean: number): number {
  let deviation = 0;
  for (let i = from; i < from + n; i++) deviation += Math.abs(values[i]! - mean);
  return deviation / n;
}
