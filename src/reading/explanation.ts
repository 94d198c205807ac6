import { FEATURES } from '../featurizers/feature-schema.ts';
import { momentsOf, standardDeviation } from '../kernels/population-moments.ts';
import type { Target } from '../model/target.ts';
import { targetWords } from '../model/target-words.ts';

/** What a feature adds to a prediction, in the target's unit. */
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
): Explanation {
  const over = (column: number) => {
    const moments = momentsOf(byMember.map((contributions) => contributions[column]!));
    return { mean: moments.mean, stdev: standardDeviation(moments) };
  };
  const features = Array.from(columns, (index, column) => ({ index, value: vector[index]!, ...over(column) }));
  // Of equal ones the first: the sort is stable.
  return { base: over(columns.length), features: features.sort((a, b) => Math.abs(b.mean) - Math.abs(a.mean)) };
}

/** A few lines: the features that add most, and those on which the members disagree most. */
export function explanationLines(explanations: ReadonlyMap<Target, Explanation>, count: number): string[] {
  return [...explanations].flatMap(([target, { base, features }]) => {
    const { symbol } = targetWords(target);
    const disputed = features.toSorted((a, b) => b.stdev - a.stdev);
    return [
      `    why ${symbol}: ${base.mean.toFixed(1)} of any material, and`,
      ...features.slice(0, count).map((one) => `      ${signed(one.mean)} ± ${one.stdev.toFixed(1)}  ${named(one)}`),
      `    why its STDEV: members differ most in ${disputed.slice(0, count).map(disputedText).join(', ')}`,
    ];
  });
}

function disputedText(one: Contribution): string {
  return `${FEATURES[one.index]!.label} (± ${one.stdev.toFixed(1)})`;
}

function named({ index, value }: Contribution): string {
  return `${FEATURES[index]!.label} = ${Number.isNaN(value) ? 'not known' : Number(value.toPrecision(4))}`;
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(1)}`.padStart(7);
}

/** For programs, by target. */
export function explanationJson(explanations: ReadonlyMap<Target, Explanation>): object {
  const of = ({ base, features }: Explanation) => ({
    base: base.mean,
    base_stdev: base.stdev,
    features: features.map(({ index, value, mean, stdev }) => {
      return { label: FEATURES[index]!.label, value: Number.isNaN(value) ? null : value, contribution: mean, stdev };
    }),
  });
  return Object.fromEntries([...explanations].map(([target, explanation]) => [target, of(explanation)]));
}
