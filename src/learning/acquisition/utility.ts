import type { AcquisitionContext } from './offered-candidate.ts';

/**
 * What a campaign that seeks extreme values wants, as one number: the sum over the targets of
 * weight * (value - mean of the labels) / STDEV of the labels, negative where the smallest values are wanted. It is linear
 * in the values, so each member has its own, and their mean and STDEV are those of the sum.
 */
export interface Utility {
  /** @param values in the order of the targets; NaN if one that counts is */
  of(values: ArrayLike<number>): number;
  /** What one unit of each target adds. */
  readonly coefficients: readonly number[];
  /** The largest of a label that knows every target which counts; 0, the labels' mean, if there is none. */
  readonly best: number;
}

/** The same for all candidates of a round. */
export function utility(
  { weights, labelMean, labelStandardDeviation, labelled }: AcquisitionContext,
  goal: 'min' | undefined,
): Utility {
  const sign = goal === 'min' ? -1 : 1;
  const of = (values: ArrayLike<number>) =>
    sign * weightedSum(weights, (t) => (values[t]! - labelMean[t]!) / scale(labelStandardDeviation[t]!));
  const coefficients = Array.from(weights, (weight, t) => (sign * weight) / scale(labelStandardDeviation[t]!));
  const { targets, values } = labelled;
  let best = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row += targets) {
    const known = of(values.subarray(row, row + targets));
    if (known > best) best = known;
  }
  return { of, coefficients, best: best === Number.NEGATIVE_INFINITY ? 0 : best };
}

/** A target without weight counts for nothing, even where its term is not known. */
export function weightedSum(weights: ArrayLike<number>, term: (target: number) => number): number {
  let sum = 0;
  for (let t = 0; t < weights.length; t++) if (weights[t] !== 0) sum += weights[t]! * term(t);
  return sum;
}

/** Labels that do not vary (or a single one) give no scale: the target then counts in its unit instead of as infinite. */
export function scale(standardDeviation: number): number {
  return standardDeviation > 0 ? standardDeviation : 1;
}
