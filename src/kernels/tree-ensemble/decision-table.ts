import type { TreeEnsemble } from './tree-ensemble.ts';

/** The number of rows decided at once: one bit of a machine word per row. */
export const WORD_ROWS = 32;

/**
 * The distinct decisions of several ensembles. The members of one round split on the same columns at the same few bin
 * boundaries, so 120,000 splits contain no more than 12,000 distinct decisions.
 */
export interface DecisionTable {
  readonly decisions: number;
  /** Per ensemble: Int32Array[splits], the decision of each split. */
  readonly ofSplits: readonly Int32Array[];
  /** Sets bit r of `right[d]` if decision d sends row `first + r` to the right; for at most 32 rows. */
  decide(values: Float64Array, first: number, rows: number, right: Int32Array): void;
}

/** Decisions that differ only in their thresholds. */
interface Comparison {
  readonly column: number;
  readonly missingGoesRight: boolean;
  /** Ascending, padded with infinity to a length of a power of two minus one. */
  readonly thresholds: Float64Array;
  /** The number of thresholds without the padding. */
  readonly count: number;
  /** The index of the first threshold's decision; the decisions of the others follow. */
  readonly first: number;
}

/**
 * Finds the distinct decisions of several ensembles.
 * Method: rank each value among the thresholds of its column once. The rows above threshold i are the rows above i + 1
 * plus the rows ranked between the two, so one pass from the last threshold to the first gives all words of a column.
 * Source: the bit vectors of Lucchese et al., QuickScorer, SIGIR 2015, doi:10.1145/2766462.2767733, transposed: here
 * one word holds many rows at one split, not many leaves of one row.
 * Shapes: values Float64Array[rows * columns], row-major; right Int32Array[decisions]
 * Units: none
 * Errors: none
 * Known value: a split at 2 of one column gives the word 0b010 for rows 1, 3, NaN, or 0b110 if NaN goes right.
 */
export function createDecisionTable(ensembles: readonly TreeEnsemble[]): DecisionTable {
  const columns = ensembles[0]?.columns ?? 0;
  const found = new Map<number, Set<number>>();
  for (const ensemble of ensembles) {
    ensemble.thresholds.forEach((threshold, split) => {
      const key = comparisonKey(ensemble, split);
      found.set(key, (found.get(key) ?? new Set()).add(threshold));
    });
  }
  const comparisons: Comparison[] = [];
  const places = new Map<number, Map<number, number>>();
  let decisions = 0;
  for (const [key, set] of [...found].sort(([a], [b]) => a - b)) {
    const sorted = Float64Array.from(set).sort();
    const thresholds = new Float64Array(2 ** Math.ceil(Math.log2(sorted.length + 1)) - 1).fill(Infinity);
    thresholds.set(sorted);
    const comparison = { column: key >> 1, missingGoesRight: (key & 1) === 1, thresholds };
    comparisons.push({ ...comparison, count: sorted.length, first: decisions });
    places.set(key, new Map(Array.from(sorted, (threshold, i) => [threshold, decisions + i])));
    decisions += sorted.length;
  }
  const between = new Int32Array(1 + Math.max(0, ...comparisons.map(({ thresholds }) => thresholds.length)));
  return {
    decisions,
    ofSplits: ensembles.map((ensemble) =>
      Int32Array.from(
        ensemble.thresholds,
        (threshold, split) => places.get(comparisonKey(ensemble, split))!.get(threshold)!,
      ),
    ),
    decide(values, first, rows, right) {
      for (const comparison of comparisons) compare(comparison, columns, values, first, rows, between, right);
    },
  };
}

/** Splits that send a missing value different ways belong to different comparisons. */
function comparisonKey({ features, missing, children }: TreeEnsemble, split: number): number {
  return 2 * features[split]! + +(missing[split] === children[2 * split + 1]);
}

function compare(
  { column, missingGoesRight, thresholds, count, first: decision }: Comparison,
  columns: number,
  values: Float64Array,
  first: number,
  rows: number,
  between: Int32Array,
  right: Int32Array,
): void {
  between.fill(0, 0, count + 1);
  const half = (thresholds.length + 1) >> 1;
  let unknown = 0;
  for (let row = 0, at = first * columns + column; row < rows; row++, at += columns) {
    const value = values[at]!;
    // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN, in an innermost loop.
    if (value !== value) {
      unknown |= 1 << row;
      continue;
    }
    // Computed without a branch: the processor could not predict it.
    let rank = 0;
    for (let step = half; step > 0; step >>= 1) rank += step * +(value > thresholds[rank + step - 1]!);
    between[rank]! |= 1 << row;
  }
  let above = missingGoesRight ? unknown : 0;
  for (let i = count - 1; i >= 0; i--) {
    above |= between[i + 1]!;
    right[decision + i] = above;
  }
}
