/** Of the fitted polynomial: with more points the noise of stresses would be fitted too. */
const DEGREE_MAX = 4;

/**
 * Weights that make of a function's values its derivative at zero.
 *
 * Equation: f'(0) = sum_k w_k f(x_k), w_k = sum_j p_j'(0) p_j(x_k) / (p_j, p_j), with p_j the polynomials orthogonal on
 *   the points, of degree 0 to min(n - 1, 4): the derivative of the least-squares polynomial, which passes through all
 *   points if there are at most five.
 * Source: G. E. Forsythe, J. SIAM 5, 74 (1957), DOI 10.1137/0105007.
 * Shapes: `points` number[n], distinct; returns number[n].
 * Units: inverse to the points'.
 * Errors: none.
 * Known value: -1, 0, 1 give -1/2, 0, 1/2; -2, -1, 0, 1, 2 give 1/12, -8/12, 0, 8/12, -1/12.
 */
export function derivativeWeights(points: readonly number[]): number[] {
  const weights = points.map(() => 0);
  let [before, current] = [points.map(() => 0), points.map(() => 1)];
  // Values and derivatives at zero of the two latest polynomials.
  let [before0, current0, slopeBefore0, slope0] = [0, 1, 0, 0];
  let normBefore = 1;
  for (let degree = 0; degree <= Math.min(points.length - 1, DEGREE_MAX); degree++) {
    const norm = sum(current.map((p) => p * p));
    current.forEach((p, k) => {
      weights[k]! += (slope0 * p) / norm;
    });
    const alpha = sum(current.map((p, k) => points[k]! * p * p)) / norm;
    const beta = degree === 0 ? 0 : norm / normBefore;
    const next = current.map((p, k) => (points[k]! - alpha) * p - beta * before[k]!);
    const next0 = -alpha * current0 - beta * before0;
    const nextSlope0 = current0 - alpha * slope0 - beta * slopeBefore0;
    [before, current, normBefore] = [current, next, norm];
    [before0, current0, slopeBefore0, slope0] = [current0, next0, slope0, nextSlope0];
  }
  return weights;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
