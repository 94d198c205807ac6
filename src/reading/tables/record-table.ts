import type { Cell, RecordColumn } from '../../model/record-column.ts';
import type { Target } from '../../model/target.ts';

/** A table to be exported, its rows made one by one. */
export interface RecordTable {
  readonly columns: readonly RecordColumn[];
  readonly rows: Iterable<readonly Cell[]>;
}

/** A column, and what it shows of a row. */
export interface Field<Row> extends RecordColumn {
  of(row: Row): Cell | undefined;
}

export function recordTable<Row>(fields: readonly Field<Row>[], rows: Iterable<Row>): RecordTable {
  function* cells() {
    for (const row of rows) yield fields.map(({ of }) => of(row) ?? null);
  }
  return { columns: fields.map(({ name, type }) => ({ name, type })), rows: cells() };
}

/** A column per target: `mean_g_vrh`, `mean_k_vrh`. */
export function perTarget<Row>(
  targets: readonly Target[],
  name: string,
  of: (row: Row, target: Target, index: number) => number | null | undefined,
): Field<Row>[] {
  return targets.map((target, t) => ({ name: `${name}_${target}`, type: 'number', of: (row) => of(row, target, t) }));
}
