import type { Example } from '../data/material-catalogue.ts';

/**
 * Where a material lies beyond what its models were trained on.
 *
 * Trees continue no trend: beyond the training rows they answer what the nearest of them would, and their members may
 * agree on it, so that the spread warns of nothing. Of a material with an unknown element or with two or more features
 * out of range this has to be said. One such feature is no sign: among 822 labelled crystals of the quickstart campaign
 * (round 1, 337 training labels) the mean absolute error of G was 13.8 GPa without any, 14.7 with one, and 23.4 with two
 * or more.
 */
export interface DomainFinding {
  readonly isOutside: boolean;
  /** Atomic numbers that no training material holds, ascending. */
  readonly newElements: readonly number[];
  /** Features below or above all training rows, the farthest first. */
  readonly outOfRange: readonly FeatureOutOfRange[];
  /** Places of features that are not known of this material, though of every training row. */
  readonly notKnown: readonly number[];
}

interface FeatureOutOfRange {
  /** Its place in the feature vector. */
  readonly index: number;
  readonly value: number;
  /** Of the training rows. */
  readonly minimum: number;
  readonly maximum: number;
}

const OUT_OF_RANGE_MIN = 2;

/**
 * A feature is out of range only when it lies beyond by more than this fraction of the range, or of its own size where that is
 * larger: sums over sites come out 1e-16 apart in another order of the same sites, 1e-11 where cells are very long, and
 * published coordinates, whose last digit may differ between cells of one crystal, make 1e-7.
 */
const ROUNDING_MAX = 1e-6;
/** In the feature's own unit, for those that are 0 in every training row, and 1e-13 by rounding. */
const ROUNDING_OF_ZERO = 1e-9;

interface ColumnRange {
  readonly index: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly alwaysKnown: boolean;
}

/**
 * Compares materials with the training rows of a round.
 * @param columns the places in the feature vector that the models know
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

/** Not of what is not known. */
function isBeyond(value: number, { minimum, maximum }: ColumnRange): boolean {
  const slack = ROUNDING_OF_ZERO + ROUNDING_MAX * Math.max(maximum - minimum, Math.abs(minimum), Math.abs(maximum));
  return value < minimum - slack || value > maximum + slack;
}

/** Of a column that no row knows, and so no tree asks for, nothing is out of range. */
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

/** How far beyond, in widths of the range; finite for a range of no width too, so that it can be compared. */
function excess({ value, minimum, maximum }: FeatureOutOfRange): number {
  const beyond = Math.max(minimum - value, value - maximum);
  return Math.min(Number.MAX_VALUE, beyond / (maximum - minimum));
}
