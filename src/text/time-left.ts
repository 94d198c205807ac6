export interface RoundTimes {
  /** Seconds that each finished round took, oldest first. */
  readonly finished: readonly number[];
  /** Of the round under way: seconds so far, and the share of its work that is done. */
  readonly elapsed: number;
  readonly fraction: number;
  /** Rounds that will follow it. */
  readonly roundsAfter: number;
}

/** Enough to see how rounds grow; older ones tell about a machine that was otherwise busy. */
const ROUNDS_COUNTED = 8;
/** With fewer, a trend is chance. */
const ROUNDS_FOR_TREND = 3;
/** Less of the first round tells nothing. */
const FRACTION_MIN = 0.05;

/**
 * Seconds until the last round ends; undefined while nothing is known. Rounds grow with the labels that they train
 * on, so the durations are continued along their straight line of least squares, never downwards.
 */
export function secondsLeft({ finished, elapsed, fraction, roundsAfter }: RoundTimes): number | undefined {
  if (finished.length === 0) {
    if (fraction < FRACTION_MIN) return undefined;
    const whole = elapsed / fraction;
    return whole * (1 - fraction + roundsAfter);
  }
  const durations = finished.slice(-ROUNDS_COUNTED);
  const n = durations.length;
  const mean = durations.reduce((sum, seconds) => sum + seconds, 0) / n;
  const slope = n < ROUNDS_FOR_TREND ? 0 : Math.max(0, leastSquaresSlope(durations, mean));
  const middle = (n - 1) / 2;
  const expected = (round: number) => mean + slope * (round - middle);
  // The rounds to come: n + 1 to n + roundsAfter, whose mean is that of the one in their middle.
  return expected(n) * (1 - fraction) + roundsAfter * expected(n + (roundsAfter + 1) / 2);
}

function leastSquaresSlope(durations: readonly number[], mean: number): number {
  const middle = (durations.length - 1) / 2;
  let [covariance, variance] = [0, 0];
  durations.forEach((seconds, i) => {
    covariance += (i - middle) * (seconds - mean);
    variance += (i - middle) ** 2;
  });
  return covariance / variance;
}
