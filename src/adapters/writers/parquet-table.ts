import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Cell, RecordColumn } from '../../model/record-column.ts';

/**
 * Rows per row group. 2,048 x 281 doubles are 4.6 MB: memory use stays small, and a reader of single columns still gets
 * pages of 16 KiB.
 */
const ROW_GROUP_ROWS = 2048;

/** Builds a Parquet file piece by piece. */
export interface ParquetTable {
  /** Adds a row, its cells in the order of the columns. */
  add(cells: readonly Cell[]): void;
  /** Returns the bytes that became ready since the last call: nothing, or whole row groups. */
  take(): Uint8Array;
  /** Returns the last row group and the footer. */
  finish(): Uint8Array;
}

const TYPES = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  number: { type: 'DOUBLE' },
  whole: { type: 'INT32' },
} as const satisfies Record<RecordColumn['type'], object>;

/**
 * Creates a Parquet table of nullable columns. An unknown value is null.
 * @param metadata stored in the file's key-value metadata
 */
export function createParquetTable(
  columns: readonly RecordColumn[],
  metadata: Readonly<Record<string, string>> = {},
): ParquetTable {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, type }) => ({ name, ...TYPES[type], repetition_type: 'OPTIONAL' }) as const),
    ],
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: 'elastream',
  });
  const waiting = columns.map((): Cell[] => []);
  const flush = () => {
    const columnData = waiting.map((cells, i) => ({ name: columns[i]!.name, data: cells.splice(0) }));
    writer.write({ columnData, rowGroupSize: ROW_GROUP_ROWS });
  };
  const take = () => {
    const ready = bytes.getBytes().slice();
    bytes.index = 0;
    return ready;
  };
  return {
    add(cells) {
      for (let i = 0; i < waiting.length; i++) {
        const cell = cells[i]!;
        waiting[i]!.push(Number.isNaN(cell) ? null : cell);
      }
      if (waiting[0]!.length === ROW_GROUP_ROWS) flush();
    },
    take,
    finish() {
      if (waiting[0]!.length > 0) flush();
      writer.finish();
      return take();
    },
  };
}
