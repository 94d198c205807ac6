/*
 * Logarithms of normal probabilities stay exact far out in the tails, where the probabilities themselves are 0. phi is
 * the standard normal density, Phi its distribution function.
 */

const LOG_SQRT_TWO_PI = 0.5 * Math.log(2 * Math.PI);
/** From here on the continued fraction of Mills' ratio converges within some 80 terms. */
const TAIL = 3;
const FRACTION_TERMS = 80;
/** From here on 1 - x * Mills' ratio loses digits; its asymptotic series is exact. */
const ASYMPTOTIC = 100;

function logDensity(z: number): number {
  return -0.5 * z * z - LOG_SQRT_TWO_PI;
}

/** The standard normal distribution function; relative error below 1e-12 where z > -3. */
function distribution(z: number): number {
  if (z > TAIL) return 1 - Math.exp(logDensity(z)) * millsRatio(z);
  if (z < -TAIL) return Math.exp(logDensity(z)) * millsRatio(-z);
  // G. Marsaglia, "Evaluating the normal distribution", J. Stat. Softw. 11 (2004), 1-11.
  let [sum, term] = [z, z];
  for (let n = 3; Math.abs(term) > Math.abs(sum) * 1e-17; n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return 0.5 + Math.exp(logDensity(z)) * sum;
}

/** (1 - distribution(x)) / density(x), for x > -3. */
function millsRatio(x: number): number {
  if (x < TAIL) return distribution(-x) / Math.exp(logDensity(x));
  let fraction = x;
  for (let n = FRACTION_TERMS; n >= 1; n--) fraction = x + n / fraction;
  return 1 / fraction;
}

/**
 * The log of the expected improvement E[max(Z + z, 0)] of a standard normal Z.
 * Equation: log(phi(z) + z Phi(z)); below -3, -z^2 / 2 - log sqrt(2 pi) + log(1 - x R(x)) with x = -z and Mills' ratio R.
 * Source: S. Ament, S. Daulton, D. Eriksson, M. Balandat, E. Bakshy, "Unexpected improvements to expected improvement for
 * Bayesian optimization", NeurIPS 2023, arXiv:2310.20708, eq. 9.
 * Shapes: a scalar.
 * Units: `z` in STDEVs; the improvement too.
 * Errors: relative error below 2e-13; NaN for NaN.
 * Known value: at 0 it is log(1 / sqrt(2 pi)) = -0.918938533204673.
 */
export function logExpectedExcess(z: number): number {
  if (z > -TAIL) return Math.log(Math.exp(logDensity(z)) + z * distribution(z));
  const x = -z;
  const inverse = 1 / (x * x);
  const excess = x < ASYMPTOTIC ? 1 - x * millsRatio(x) : inverse * (1 - 3 * inverse * (1 - 5 * inverse));
  return logDensity(x) + Math.log(excess);
}

/**
 * The log of the probability that a standard normal value lies between two limits.
 * Equation: log(Phi(high) - Phi(low)), by the upper tails' Mills' ratios where both limits are on one side of 0.
 * Source: N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous univariate distributions" 1, 2nd ed. (1994), chapter 13.
 * Shapes: scalars; `low` < `high`, infinite ones too.
 * Units: limits in STDEVs.
 * Errors: relative error below 2e-13; NaN for NaN.
 * Known value: between -1 and 1 it is log(0.6826894921370859) = -0.381715146302126.
 */
export function logIntervalProbability(low: number, high: number): number {
  if (high <= 0) return logIntervalProbability(-high, -low);
  if (low >= 0) {
    const beyond =
      high === Number.POSITIVE_INFINITY ? 0 : Math.exp(0.5 * (low - high) * (low + high)) * millsRatio(high);
    return logDensity(low) + Math.log(millsRatio(low) - beyond);
  }
  return Math.log1p(-distribution(low) - distribution(-high));
}

/**
 * The value that a standard normal one stays below with a given probability.
 * Equation: Phi(z) = p, by bisection of its logarithm.
 * Source: as logIntervalProbability.
 * Units: STDEVs.
 * Requires: 0 < p < 1.
 * Errors: RangeError where what is required does not hold.
 * Known value: 1.959963984540054 at 0.975.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`a probability of ${p}`);
  if (p > 0.5) return -normalQuantile(1 - p);
  const wanted = Math.log(p);
  let [low, high] = [-40, 0];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (logIntervalProbability(Number.NEGATIVE_INFINITY, middle) < wanted) low = middle;
    else high = middle;
  }
  return high;
}

/** From a width of 40 to below the spacing of numbers near 1. */
const BISECTIONS = 60;
