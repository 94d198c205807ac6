import { momentsOf, standardDeviation } from '../../kernels/population-moments.ts';
import type { AcquisitionContext, OfferedCandidate } from './offered-candidate.ts';

/** How the standardised targets become one number: their weighted sum, or the largest weighted one. */
export type Combination = 'sum' | 'max';

/**
 * What a campaign that seeks extreme values wants, as one number. A target counts as
 * weight * (value - mean of the labels) / STDEV of the labels, negative where the smallest values are wanted.
 */
export interface Utility {
  /** @param values in the order of the targets; NaN if one that counts is */
  of(values: ArrayLike<number>): number;
  /** Mean and population STDEV of the members' own utilities. */
  mean(candidate: OfferedCandidate): number;
  spread(candidate: OfferedCandidate): number;
  /** The largest of a label that knows every target which counts; 0, the labels' mean, if there is none. */
  readonly best: number;
}

/** The same for all candidates of a round. */
export function utility(context: AcquisitionContext, goal: 'min' | undefined, by: Combination = 'sum'): Utility {
  const { weights, labelled } = context;
  const sign = goal === 'min' ? -1 : 1;
  const of = (values: ArrayLike<number>) => {
    const term = (t: number) => standardised(context, values[t]!, t);
    return by === 'sum' ? sign * weightedSum(weights, term) : weightedMax(weights, (t) => sign * term(t));
  };
  const { targets, values } = labelled;
  let best = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row += targets) {
    const known = of(values.subarray(row, row + targets));
    if (known > best) best = known;
  }
  return {
    of,
    ...(by === 'sum' ? linear(context, sign, of) : byMembers(of)),
    best: best === Number.NEGATIVE_INFINITY ? 0 : best,
  };
}

/** A sum is linear in the values: its mean is that of the means, and its STDEV needs coefficients alone. */
function linear(
  { weights, labelStandardDeviation }: AcquisitionContext,
  sign: number,
  of: Utility['of'],
): Pick<Utility, 'mean' | 'spread'> {
  const coefficients = Array.from(weights, (weight, t) => (sign * weight) / scale(labelStandardDeviation[t]!));
  return { mean: ({ mean }) => of(mean), spread: ({ spreadOf }) => spreadOf(coefficients) };
}

function byMembers(of: Utility['of']): Pick<Utility, 'mean' | 'spread'> {
  const moments = ({ members, predictedBy }: OfferedCandidate) =>
    momentsOf(Array.from({ length: members }, (_, member) => of(predictedBy(member))));
  return {
    mean: (candidate) => moments(candidate).mean,
    spread: (candidate) => standardDeviation(moments(candidate)),
  };
}

/** A target's value less the labels' mean, in their STDEV. */
export function standardised(
  { labelMean, labelStandardDeviation }: AcquisitionContext,
  value: number,
  t: number,
): number {
  return (value - labelMean[t]!) / scale(labelStandardDeviation[t]!);
}

/** A target without weight counts for nothing, even where its term is not known. */
export function weightedSum(weights: ArrayLike<number>, term: (target: number) => number): number {
  let sum = 0;
  for (let t = 0; t < weights.length; t++) if (weights[t] !== 0) sum += weights[t]! * term(t);
  return sum;
}

function weightedMax(weights: ArrayLike<number>, term: (target: number) => number): number {
  const terms = Array.from(weights, (weight, t) => (weight === 0 ? Number.NEGATIVE_INFINITY : weight * term(t)));
  return Math.max(...terms);
}

/** Labels that do not vary (or a single one) give no scale: the target then counts in its unit instead of as infinite. */
export function scale(standardDeviation: number): number {
  return standardDeviation > 0 ? standardDeviation : 1;
}
