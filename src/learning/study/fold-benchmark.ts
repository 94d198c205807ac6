import { exponential, naturalLogarithm } from '../../kernels/logarithm.ts';
import { type RegressionMetrics, regressionErrors, regressionMetrics } from '../../kernels/regression-errors.ts';

/** A material of a benchmark whose test folds are given: each predicts it by models that were trained on the others. */
export interface FoldRow {
  readonly id: string;
  readonly fold: number;
  /** Above 0. */
  readonly actual: number;
  /** The logarithm to base 10 that another model has published for it. */
  readonly published: number;
}

/** How far predictions of some rows are off. */
export interface FoldErrors {
  readonly rows: number;
  /** Of the logarithm to base 10. */
  readonly log10: Pick<RegressionMetrics, 'mae' | 'rmse' | 'r2'>;
  /** Of the values, in their unit. */
  readonly value: Pick<RegressionMetrics, 'mae' | 'rmse' | 'r2'>;
}

const LN_10 = naturalLogarithm(10);

/** @param predicted in the order of the rows, in the unit of the values */
export function foldErrors(rows: readonly FoldRow[], predicted: readonly number[]): FoldErrors {
  const log10 = (values: readonly number[]) => values.map((value) => naturalLogarithm(value) / LN_10);
  const actual = rows.map((row) => row.actual);
  const metrics = (p: readonly number[], a: readonly number[]) => {
    const { mae, rmse, r2 } = regressionMetrics(regressionErrors(p, a));
    return { mae, rmse, r2 };
  };
  return { rows: rows.length, log10: metrics(log10(predicted), log10(actual)), value: metrics(predicted, actual) };
}

/** The same of what was published. */
export function publishedErrors(rows: readonly FoldRow[]): FoldErrors {
  return foldErrors(
    rows,
    rows.map(({ published }) => exponential(published * LN_10)),
  );
}
