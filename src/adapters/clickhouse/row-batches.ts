import { AppError } from '../../model/app-error.ts';
import type { Rows } from '../../ports/result-store.ts';

/** A row as JSONCompactEachRow has it; a number is finite, and what is not known is null. */
export type Cells = readonly unknown[];

/** ClickHouse wants few large inserts: each makes a part on disk, and too many parts are refused. */
const BATCH_ROWS_MAX = 50_000;
/** With values of many members a batch ends earlier: about 10 MB as text. */
const BATCH_VALUES_MAX = 500_000;

/**
 * Cuts rows into batches, pulling the next row only when its batch is wanted.
 * @throws AppError `invalid_argument` where a number is not finite: JSON has no such number, and 0 would be stored
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
