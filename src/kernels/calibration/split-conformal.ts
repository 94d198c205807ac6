/** A rank that is a whole number but for rounding, such as 25 * 0.68, must not become the next one. */
const RANK_ROUNDING = 1e-9;

/**
 * The score that a further, exchangeable one does not exceed with the given probability.
 * Equation: q = the k-th smallest of n scores, k = ceil((n + 1) level); then level <= P(score <= q), and
 * P < level + 1 / (n + 1) without ties.
 * Source: Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, J. Am. Stat. Assoc. 113 (2018) 1094, theorem 2.2,
 * doi:10.1080/01621459.2017.1307116.
 * Shapes: `scores` has any length, in any order; infinite ones count.
 * Units: those of the scores; `level` is a probability.
 * Requires: 0 < level < 1, no score that is NaN.
 * Degenerate cases: Infinity where k > n: so few scores bound nothing at this level.
 * Errors: RangeError where what is required does not hold.
 * Known value: of 1 to 9 at the level 0.8 it is 8, and at 0.95 Infinity.
 */
export function conformalQuantile(scores: ArrayLike<number>, level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError(`a level of ${level}`);
  const sorted = Float64Array.from(scores).sort();
  // NaN sorts last.
  if (Number.isNaN(sorted.at(-1) ?? 0)) throw new RangeError('a score is NaN');
  return sorted[conformalRank(sorted.length, level) - 1] ?? Number.POSITIVE_INFINITY;
}

/**
 * The smallest number of scores that bound anything at a level.
 * Equation: n = min {n : ceil((n + 1) level) <= n} = ceil(level / (1 - level)).
 * Source: as conformalQuantile, doi:10.1080/01621459.2017.1307116.
 * Returns: a number of scores.
 * Known value: 19 at the level 0.95, 9 at 0.9, 3 at 0.68.
 */
export function conformalCountMin(level: number): number {
  let n = 1;
  while (conformalRank(n, level) > n) n++;
  return n;
}

function conformalRank(n: number, level: number): number {
  return Math.ceil((n + 1) * level - RANK_ROUNDING);
}
