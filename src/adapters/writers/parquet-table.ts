import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { TableSchema } from './row-text.ts';

/**
 * Rows per row group: 2,048 x 281 doubles are 4.6 MB, so that memory stays small and a reader of single columns still
 * gets pages of 16 KiB.
 */
const ROW_GROUP_ROWS = 2048;

/** Builds a Parquet file piece by piece. */
export interface ParquetTable {
  /** Takes a row; the values are copied. */
  add(id: string, values: ArrayLike<number>): void;
  /** The bytes that have become ready since the last call: nothing, or whole row groups. */
  take(): Uint8Array;
  /** The last row group and the footer. */
  finish(): Uint8Array;
}

/**
 * A Parquet table of `material_id` (text) and one nullable double per label; a value that is not known (NaN) is null.
 * Schema, labels and units stand in the key-value metadata, the units also as `{label: unit}`.
 */
export function createParquetTable(table: TableSchema): ParquetTable {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'root', num_children: table.labels.length + 1 },
      { name: 'material_id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      ...table.labels.map((name) => ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }) as const),
    ],
    kvMetadata: [
      { key: 'schema', value: table.schema },
      { key: 'units', value: JSON.stringify(Object.fromEntries(table.labels.map((l, i) => [l, table.units[i]]))) },
    ],
    createdBy: 'elastream',
  });
  let ids: string[] = [];
  const columns = table.labels.map((): (number | null)[] => []);
  const flush = () => {
    const columnData = columns.map((data, i) => ({ name: table.labels[i]!, data: data.splice(0) }));
    writer.write({ columnData: [{ name: 'material_id', data: ids }, ...columnData], rowGroupSize: ROW_GROUP_ROWS });
    ids = [];
  };
  const take = () => {
    const ready = bytes.getBytes().slice();
    bytes.index = 0;
    return ready;
  };
  return {
    add(id, values) {
      ids.push(id);
      for (let i = 0; i < columns.length; i++) {
        const value = values[i]!;
        columns[i]!.push(Number.isNaN(value) ? null : value);
      }
      if (ids.length === ROW_GROUP_ROWS) flush();
    },
    take,
    finish() {
      if (ids.length > 0) flush();
      writer.finish();
      return take();
    },
  };
}
