import { describe, expect, it } from 'vitest';
import {
  mergeRegressionErrors,
  NO_ERRORS,
  regressionErrors,
  regressionMetrics,
} from '../../src/kernels/regression-errors.ts';

describe('regressionMetrics', () => {
  it('has the known values of a small case', () => {
    const metrics = regressionMetrics(regressionErrors([2, 2, 4], [1, 2, 3]));
    expect(metrics).toEqual({ count: 3, mae: 2 / 3, rmse: Math.sqrt(2 / 3), r2: 0 });
  });

  /** scikit-learn's documented example: r2_score([3, -0.5, 2, 7], [2.5, 0.0, 2, 8]) = 0.948..., MAE 0.5, MSE 0.375. */
  it("agrees with scikit-learn's examples", () => {
    const { mae, rmse, r2 } = regressionMetrics(regressionErrors([2.5, 0, 2, 8], [3, -0.5, 2, 7]));
    expect(mae).toBe(0.5);
    expect(rmse ** 2).toBeCloseTo(0.375, 14);
    expect(r2).toBeCloseTo(0.9486081370449679, 14);
  });

  it('leaves out rows whose truth is not known', () => {
    const { count, mae } = regressionMetrics(regressionErrors([2, 100], [1, Number.NaN]));
    expect([count, mae]).toEqual([1, 1]);
  });

  it('is NaN where it is not defined', () => {
    expect(regressionMetrics(NO_ERRORS).mae).toBeNaN();
    expect(regressionMetrics(regressionErrors([1, 2], [5, 5])).r2).toBeNaN();
  });

  it('does not hide a prediction that is NaN', () => {
    expect(regressionMetrics(regressionErrors([Number.NaN], [1])).mae).toBeNaN();
  });

  it('needs as many predictions as true values', () => expect(() => regressionErrors([1], [1, 2])).toThrow(RangeError));
});

describe('mergeRegressionErrors', () => {
  it('gives the metrics of all rows, and leaves a lone part as it is', () => {
    const parts = [regressionErrors([2, 2], [1, 2]), regressionErrors([4], [3])];
    expect(regressionMetrics(parts.reduce(mergeRegressionErrors))).toEqual(
      regressionMetrics(regressionErrors([2, 2, 4], [1, 2, 3])),
    );
    expect(mergeRegressionErrors(NO_ERRORS, parts[0]!)).toEqual(parts[0]);
  });
});
