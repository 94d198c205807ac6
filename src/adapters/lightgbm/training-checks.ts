import { AppError } from '../../model/app-error.ts';
import type { TrainingMatrix, TrainingTask } from '../../ports/regressor.ts';

const FLOAT32_MAX = 3.4028234663852886e38;

/** @throws AppError `invalid_argument` */
export function checkMatrix(matrix: TrainingMatrix): void {
  const { rows, columns, values } = matrix;
  if (!(Number.isInteger(rows) && Number.isInteger(columns) && rows >= 1 && columns >= 1)) {
    throw new AppError('invalid_argument', `training data needs a row and a column, not ${rows} x ${columns}`);
  }
  if (values.length !== rows * columns) {
    throw new AppError('invalid_argument', `${rows} x ${columns} training data holds ${values.length} values`);
  }
}

/** Rejects input on which LightGBM itself aborts or reads beyond its arrays. @throws AppError `invalid_argument` */
export function checkTask(task: TrainingTask, rowCount: number): void {
  const { rows, targets } = task;
  if (rows.length === 0) throw new AppError('invalid_argument', 'a booster needs at least one training row');
  if (targets.length !== rows.length) {
    throw new AppError('invalid_argument', `${rows.length} training rows have ${targets.length} targets`);
  }
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row < 0 || row >= rowCount) {
      throw new AppError('invalid_argument', `row ${row} is not in the training data of ${rowCount} rows`);
    }
    if (i > 0 && row <= rows[i - 1]!) {
      throw new AppError('invalid_argument', `training rows must ascend: ${row} follows ${rows[i - 1]}`);
    }
    if (!(Math.abs(targets[i]!) <= FLOAT32_MAX)) {
      throw new AppError('invalid_argument', `the target of row ${row} is ${targets[i]}, not a finite number`);
    }
  }
}
