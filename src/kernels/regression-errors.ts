import { type Moments, mergeMoments, momentsOf, NO_MOMENTS } from './population-moments.ts';

/** The sums from which MAE, RMSE and R2 of one predictor follow; they can be merged over disjoint rows. */
export interface RegressionErrors {
  readonly absoluteSum: number;
  readonly squaredSum: number;
  /** Moments of the true values. */
  readonly actual: Moments;
}

export const NO_ERRORS: RegressionErrors = { absoluteSum: 0, squaredSum: 0, actual: NO_MOMENTS };

export interface RegressionMetrics {
  readonly count: number;
  /** In the unit of the target; NaN without rows. */
  readonly mae: number;
  readonly rmse: number;
  /** 1 - squared errors / squared deviations of the true values; NaN if all true values are equal. */
  readonly r2: number;
}

/**
 * The errors of the predictions whose true value is known (not NaN).
 * Equation: sum |p - t|, sum (p - t)^2, in row order.
 * Source: Willmott, Matsuura, Clim. Res. 30 (2005) 79, doi:10.3354/cr030079.
 * Shapes: predicted, actual: [n].
 * Units: GPa and GPa^2.
 * Errors: RangeError if the lengths differ.
 * Known value: predicted 2, 2, 4 and actual 1, 2, 3 give the sums 2 and 2.
 */
export function regressionErrors(predicted: ArrayLike<number>, actual: ArrayLike<number>): RegressionErrors {
  if (predicted.length !== actual.length) throw new RangeError(`${predicted.length} for ${actual.length} true values`);
  let absoluteSum = 0;
  let squaredSum = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = predicted[i]! - actual[i]!;
    if (Number.isNaN(actual[i]!)) continue;
    absoluteSum += Math.abs(error);
    squaredSum += error * error;
  }
  return { absoluteSum, squaredSum, actual: momentsOf(actual) };
}

/**
 * The errors over two disjoint sets of rows. Rounding depends on the order, so merge in partition order.
 * Equation: the sums are added; the moments are merged as in mergeMoments.
 * Source: Chan, Golub, LeVeque, Am. Stat. 37 (1983) 242, eq. 1.5, doi:10.1080/00031305.1983.10483115.
 * Shapes: scalars.
 * Units: GPa and GPa^2.
 * Errors: none.
 * Known value: merging with NO_ERRORS changes nothing.
 */
export function mergeRegressionErrors(a: RegressionErrors, b: RegressionErrors): RegressionErrors {
  return {
    absoluteSum: a.absoluteSum + b.absoluteSum,
    squaredSum: a.squaredSum + b.squaredSum,
    actual: mergeMoments(a.actual, b.actual),
  };
}

/**
 * MAE, RMSE and R2.
 * Equation: MAE = sum |p - t| / n; RMSE = sqrt(sum (p - t)^2 / n); R2 = 1 - sum (p - t)^2 / sum (t - mean t)^2.
 * Source: Willmott, Matsuura, Clim. Res. 30 (2005) 79, doi:10.3354/cr030079; scikit-learn's r2_score.
 * Shapes: scalars.
 * Units: GPa; R2 has none.
 * Errors: none; NaN where undefined.
 * Known value: predicted 2, 2, 4 and actual 1, 2, 3 give MAE 2/3, RMSE sqrt(2/3), R2 0.
 */
export function regressionMetrics({ absoluteSum, squaredSum, actual }: RegressionErrors): RegressionMetrics {
  const { count, squaredDeviations } = actual;
  return {
    count,
    mae: absoluteSum / count,
    rmse: Math.sqrt(squaredSum / count),
    r2: squaredDeviations > 0 ? 1 - squaredSum / squaredDeviations : Number.NaN,
  };
}
