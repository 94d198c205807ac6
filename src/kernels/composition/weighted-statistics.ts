/** The statistics in the order in which `writeWeightedStatistics` writes them; the names are matminer's. */
export const WEIGHTED_STATISTICS = ['minimum', 'maximum', 'range', 'mean', 'avg_dev', 'mode'] as const;

/**
 * Six statistics of a property over the elements of a compound, weighted by their amounts.
 *
 * Equation: mean = sum_i w_i x_i / sum_i w_i; avg_dev = sum_i w_i |x_i - mean| / sum_i w_i; mode = the x_i with the
 * greatest w_i (the least such x_i if several tie); range = maximum - minimum. Only mean and avg_dev use the weights
 * themselves; the mode uses only which weight is greatest.
 * Source: Ward et al., npj Comput. Mater. 2, 16028 (2016), DOI 10.1038/npjcompumats.2016.28; matminer's PropertyStats.
 * Shapes: `table`: Float64Array with x_i = table[row + columns[i]]; `columns`, `weights`: k >= 1 numbers, weights
 * positive; writes out[offset] to out[offset + 5].
 * Units: all six have the unit of the table.
 * Errors: none; a NaN in the table makes mean and avg_dev NaN.
 * Known value: x = 7, 72 with equal weights (HfN's atomic numbers) gives 7, 72, 65, 39.5, 32.5, 7.
 */
export function writeWeightedStatistics(
  table: Float64Array,
  row: number,
  columns: Uint8Array,
  weights: Float64Array,
  out: Float64Array,
  offset: number,
): void {
  const count = columns.length;
  let minimum = Infinity;
  let maximum = -Infinity;
  let sum = 0;
  let total = 0;
  let mode = Number.NaN;
  let greatest = 0;
  for (let i = 0; i < count; i++) {
    const x = table[row + columns[i]!]!;
    const weight = weights[i]!;
    if (x < minimum) minimum = x;
    if (x > maximum) maximum = x;
    sum += weight * x;
    total += weight;
    if (weight > greatest || (weight === greatest && x < mode)) {
      greatest = weight;
      mode = x;
    }
  }
  const mean = sum / total;
  let deviation = 0;
  for (let i = 0; i < count; i++) deviation += weights[i]! * Math.abs(table[row + columns[i]!]! - mean);
  out[offset] = minimum;
  out[offset + 1] = maximum;
  out[offset + 2] = maximum - minimum;
  out[offset + 3] = mean;
  out[offset + 4] = deviation / total;
  out[offset + 5] = mode;
}
