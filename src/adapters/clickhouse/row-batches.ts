import { AppError } from '../../model/app-error.ts';
import type { Rows } from '../../ports/result-store.ts';

/** A row of JSONCompactEachRow. Numbers are finite; unknown values are null. */
export type Cells = readonly unknown[];

/**
 * ClickHouse needs few, large inserts: each insert makes a part on disk, and ClickHouse refuses inserts if there are
 * too many parts.
 */
const BATCH_ROWS_MAX = 50_000;
/** Rows with the values of many members fill a batch earlier: about 10 MB of text. */
const BATCH_VALUES_MAX = 500_000;

/**
 * Cuts rows into batches. It reads the next row only when a batch is requested.
 * @throws AppError `invalid_argument` for a number that is not finite: JSON cannot express it, and 0 would be stored
 */
export async function* inBatches<T>(rows: Rows<T>, cellsOf: (row: T) => Cells): AsyncGenerator<Cells[]> {
  let batch: Cells[] = [];
  let values = 0;
  for await (const row of rows) {
    const cells = cellsOf(row);
    batch.push(cells);
    values += checkedSize(cells);
    if (batch.length < BATCH_ROWS_MAX && values < BATCH_VALUES_MAX) continue;
    yield batch;
    batch = [];
    values = 0;
  }
  if (batch.length > 0) yield batch;
}

/** A number that may be unknown. */
export function orNull(x: number | undefined): number | null {
  return x === undefined || Number.isNaN(x) ? null : x;
}

function checkedSize(cells: Cells): number {
  let size = 0;
  for (const cell of cells) {
    const values: readonly unknown[] = Array.isArray(cell) ? cell : [cell];
    size += values.length;
    for (const value of values) {
      if (typeof value !== 'number' || Number.isFinite(value)) continue;
      throw new AppError('invalid_argument', `cannot store ${value} in the row ${JSON.stringify(cells).slice(0, 200)}`);
    }
  }
  return size;
}
