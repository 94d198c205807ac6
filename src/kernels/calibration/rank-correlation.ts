/**
 * Spearman's rank correlation of two lists; equal values have the mean of their ranks.
 * Equation: rho = sum (r_i - m)(s_i - m) / sqrt(sum (r_i - m)^2 sum (s_i - m)^2), m = (n + 1) / 2.
 * Source: Spearman, Am. J. Psychol. 15 (1904) 72, doi:10.2307/1412159; ties as in Kendall, Biometrika 33 (1945) 239,
 * doi:10.1093/biomet/33.3.239.
 * Shapes: a, b: [n].
 * Returns: -1 to 1, without unit.
 * Degenerate cases: NaN if all values of a list are equal, or there are none.
 * Errors: RangeError if the lengths differ.
 * Known value: 1, 2, 2, 4 and 1, 3, 2, 4 give 4.5 / sqrt(4.5 * 5) = 0.9486832980505138.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values beside ${b.length}`);
  const [r, s] = [ranks(a), ranks(b)];
  const middle = (r.length + 1) / 2;
  let [products, ofR, ofS] = [0, 0, 0];
  for (let i = 0; i < r.length; i++) {
    const [x, y] = [r[i]! - middle, s[i]! - middle];
    products += x * y;
    ofR += x * x;
    ofS += y * y;
  }
  return ofR > 0 && ofS > 0 ? products / Math.sqrt(ofR * ofS) : Number.NaN;
}

/** From 1, ascending. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]! || i - j);
  const found = new Float64Array(order.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    // The mean of the ranks from + 1 to to.
    for (let i = from; i < to; i++) found[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return found;
}
