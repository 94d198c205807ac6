import { ALL_FEATURES } from '../featurizers/feature-schema.ts';
import { momentsOf, standardDeviation } from '../kernels/population-moments.ts';
import type { Target, TargetTransform } from '../model/target.ts';
import { targetWords } from '../model/target-words.ts';

/** What a feature adds to a prediction, in the target's unit, or to its logarithm. */
interface Contribution {
  /** Place in the feature vector. */
  readonly index: number;
  readonly value: number;
  /** Mean and population STDEV over the members. */
  readonly mean: number;
  readonly stdev: number;
}

/** Why the members predict what they do, and where they disagree. The means add up to the prediction. */
export interface Explanation {
  /** What the models have learned: with `log`, contributions add up to the logarithm of the prediction. */
  readonly transform: TargetTransform;
  /** What they predict of a material of which nothing is known. */
  readonly base: { readonly mean: number; readonly stdev: number };
  /** Every feature of the models, the largest |mean| first. */
  readonly features: readonly Contribution[];
}

/** @param byMember Float64Array[columns + 1] of each member, the last one its mean prediction */
export function explanationOf(
  byMember: readonly Float64Array[],
  columns: Int32Array,
  vector: ArrayLike<number>,
  transform: TargetTransform,
): Explanation {
  const over = (column: number) => {
    const moments = momentsOf(byMember.map((contributions) => contributions[column]!));
    return { mean: moments.mean, stdev: standardDeviation(moments) };
  };
  const features = Array.from(columns, (index, column) => ({ index, value: vector[index]!, ...over(column) }));
  // Of equal ones the first: the sort is stable.
  return {
    transform,
    base: over(columns.length),
    features: features.sort((a, b) => Math.abs(b.mean) - Math.abs(a.mean)),
  };
}

/** A few lines: the features that add most, and those on which the members disagree most. */
export function explanationLines(explanations: ReadonlyMap<Target, Explanation>, count: number): string[] {
  return [...explanations].flatMap(([target, { transform, base, features }]) => {
    const { symbol } = targetWords(target);
    const [start, step] = transform === 'log' ? [Math.exp(base.mean), factor] : [base.mean, summand];
    const disputed = features.toSorted((a, b) => b.stdev - a.stdev);
    return [
      `    why ${symbol}: ${start.toFixed(1)} of any material, and`,
      ...features.slice(0, count).map((one) => `      ${step(one)}  ${named(one)}`),
      `    why its STDEV: members differ most in ${disputed
        .slice(0, count)
        .map((one) => disputedText(one, transform))
        .join(', ')}`,
    ];
  });
}

function disputedText({ index, stdev }: Contribution, transform: TargetTransform): string {
  const spread = transform === 'log' ? `± ${(100 * stdev).toFixed(0)} %` : `± ${stdev.toFixed(1)}`;
  return `${ALL_FEATURES[index]!.label} (${spread})`;
}

function named({ index, value }: Contribution): string {
  return `${ALL_FEATURES[index]!.label} = ${Number.isNaN(value) ? 'not known' : Number(value.toPrecision(4))}`;
}

function summand({ mean, stdev }: Contribution): string {
  return `${`${mean < 0 ? '-' : '+'}${Math.abs(mean).toFixed(1)}`.padStart(7)} ± ${stdev.toFixed(1)}`;
}

/** Of logarithms: to first order, their STDEV is a relative one. */
function factor({ mean, stdev }: Contribution): string {
  return `${`× ${Math.exp(mean).toFixed(3)}`.padStart(9)} ± ${(100 * stdev).toFixed(0)} %`;
}

/** For programs, by target. */
export function explanationJson(explanations: ReadonlyMap<Target, Explanation>): object {
  const of = ({ transform, base, features }: Explanation) => ({
    ...(transform === 'log' && { scale: 'ln' }),
    base: base.mean,
    base_stdev: base.stdev,
    features: features.map(({ index, value, mean, stdev }) => {
      return {
        label: ALL_FEATURES[index]!.label,
        value: Number.isNaN(value) ? null : value,
        contribution: mean,
        stdev,
      };
    }),
  });
  return Object.fromEntries([...explanations].map(([target, explanation]) => [target, of(explanation)]));
}
