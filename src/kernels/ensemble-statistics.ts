export interface EnsembleStatistics {
  /** Float64Array[n]. */
  readonly mean: Float64Array;
  /** Float64Array[n], population standard deviation. */
  readonly standardDeviation: Float64Array;
}

/**
 * Mean and standard deviation of the members' predictions, row by row.
 * Equation: mean = sum_m p_m / M; STDEV = sqrt(sum_m (p_m - mean)^2 / M), members summed in index order.
 * Source: Jo, Choi, Kim, Min (reference/paper.md of the design), STDEV over 20 members; two-pass form: Chan, Golub,
 * LeVeque, Am. Stat. 37 (1983) 242, doi:10.1080/00031305.1983.10483115.
 * Shapes: predictions: Float64Array[members * n], member by member.
 * Units: those of the predictions (GPa).
 * Errors: RangeError if the length is not a multiple of `members`, or if `members` is 0.
 * Known value: predictions 1, 2, 3, 4 of one row have mean 2.5 and STDEV sqrt(1.25).
 */
export function ensembleStatistics(predictions: Float64Array, members: number): EnsembleStatistics {
  const n = predictions.length / members;
  if (!Number.isInteger(n)) throw new RangeError(`${predictions.length} predictions of ${members} members`);
  const mean = new Float64Array(n);
  const standardDeviation = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let sum = 0;
    for (let m = 0; m < members; m++) sum += predictions[m * n + row]!;
    const average = sum / members;
    let squares = 0;
    for (let m = 0; m < members; m++) squares += (predictions[m * n + row]! - average) ** 2;
    mean[row] = average;
    standardDeviation[row] = Math.sqrt(squares / members);
  }
  return { mean, standardDeviation };
}
