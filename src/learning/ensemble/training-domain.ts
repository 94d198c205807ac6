import type { Example } from '../data/material-catalogue.ts';

/**
 * How a material lies outside the data on which its models were trained.
 *
 * Trees do not extrapolate: outside the training rows they predict the value of the nearest rows. All members may agree
 * on it, so the spread gives no warning. So a warning is needed for a material with a new element or with two or more
 * features out of range. One such feature is no sign: among 822 labelled crystals of the quickstart campaign (round 1,
 * 337 training labels) the mean absolute error of G was 13.8 GPa with no feature out of range, 14.7 with one, and 23.4
 * with two or more.
 */
export interface DomainFinding {
  readonly isOutside: boolean;
  /** Atomic numbers that no training material contains, ascending. */
  readonly newElements: readonly number[];
  /** Features below or above all training rows, the farthest first. */
  readonly outOfRange: readonly FeatureOutOfRange[];
  /** Indices of features that are unknown for this material but known for every training row. */
  readonly notKnown: readonly number[];
}

interface FeatureOutOfRange {
  /** Its index in the feature vector. */
  readonly index: number;
  readonly value: number;
  /** The range of the training rows. */
  readonly minimum: number;
  readonly maximum: number;
}

const OUT_OF_RANGE_MIN = 2;

/**
 * A feature is out of range only if it exceeds the range by more than this fraction of the range, or of its own size if
 * that is larger. Sums over sites differ by 1e-16 for another order of the sites, by 1e-11 in very long cells, and by
 * 1e-7 because the last published digit may differ between cells of the same crystal.
 */
const ROUNDING_MAX = 1e-6;
/** In the feature's own unit; for features that are 0 in every training row and 1e-13 by rounding. */
const ROUNDING_OF_ZERO = 1e-9;

interface ColumnRange {
  readonly index: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly alwaysKnown: boolean;
}

/**
 * Compares materials with the training rows of a round.
 * @param columns the indices in the feature vector that the models use
 */
export function createTrainingDomain(
  training: readonly Pick<Example, 'facts' | 'vector'>[],
  columns: Int32Array,
): (elements: Iterable<number>, vector: Float64Array) => DomainFinding {
  const seen = new Set(training.flatMap(({ facts }) => [...facts.elements]));
  const ranges = Array.from(columns, (index) => rangeOf(training, index));
  return (elements, vector) => {
    const newElements = [...elements].filter((z) => !seen.has(z));
    const outside = ranges.filter((range) => isBeyond(vector[range.index]!, range));
    const outOfRange = outside
      .map(({ index, minimum, maximum }) => ({ index, value: vector[index]!, minimum, maximum }))
      .sort((a, b) => excess(b) - excess(a) || a.index - b.index);
    const notKnown = ranges.filter(({ index, alwaysKnown }) => alwaysKnown && Number.isNaN(vector[index]!));
    return {
      isOutside: newElements.length > 0 || outOfRange.length >= OUT_OF_RANGE_MIN,
      newElements,
      outOfRange,
      notKnown: notKnown.map(({ index }) => index),
    };
  };
}

/** False for an unknown value. */
function isBeyond(value: number, { minimum, maximum }: ColumnRange): boolean {
  const slack = ROUNDING_OF_ZERO + ROUNDING_MAX * Math.max(maximum - minimum, Math.abs(minimum), Math.abs(maximum));
  return value < minimum - slack || value > maximum + slack;
}

/** The range of a column. If no training row has a value, no tree uses the column, and nothing is out of range. */
function rangeOf(training: readonly Pick<Example, 'vector'>[], index: number): ColumnRange {
  let [minimum, maximum, known] = [Infinity, -Infinity, 0];
  for (const { vector } of training) {
    const value = vector[index]!;
    if (Number.isNaN(value)) continue;
    known++;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  if (known === 0) return { index, minimum: -Infinity, maximum: Infinity, alwaysKnown: false };
  return { index, minimum, maximum, alwaysKnown: known === training.length };
}

/** The distance beyond the range, in widths of the range; finite even for width 0, so that it can be compared. */
function excess({ value, minimum, maximum }: FeatureOutOfRange): number {
  const beyond = Math.max(minimum - value, value - maximum);
  return Math.min(Number.MAX_VALUE, beyond / (maximum - minimum));
}
