import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { createParquetTable } from '../../../src/adapters/writers/parquet-table.ts';
import type { Cell, RecordColumn } from '../../../src/model/record-column.ts';

const COLUMNS: RecordColumn[] = [
  { name: 'material_id', type: 'text' },
  { name: 'a', type: 'number' },
  { name: 'b.c', type: 'number' },
  { name: 'rank', type: 'whole' },
];

function concatenated(chunks: readonly Uint8Array[]): ArrayBuffer {
  const bytes = Buffer.concat(chunks);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

describe('createParquetTable', () => {
  it('reads back over several row groups, null for NaN', async () => {
    const parquet = createParquetTable(COLUMNS, { schema: 'f1:test' });
    const chunks: Uint8Array[] = [];
    const rows = Array.from({ length: 5000 }, (_, i): Cell[] => {
      return [i % 5 ? `mp-${i}` : null, i / 3, i % 7 ? i : Number.NaN, i % 2 ? i : null];
    });
    for (const row of rows) {
      parquet.add(row);
      chunks.push(parquet.take());
    }
    // Bounded memory: row groups leave while rows still come.
    expect(chunks.filter((chunk) => chunk.length > 1000)).toHaveLength(2);
    chunks.push(parquet.finish());
    const file = concatenated(chunks);
    const read = await parquetReadObjects({ file });
    expect(read).toEqual(
      rows.map(([id, a, b, rank]) => ({ material_id: id, a, 'b.c': Number.isNaN(b) ? null : b, rank })),
    );
    const metadata = parquetMetadata(file);
    const pairs = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
    expect(pairs.get('schema')).toBe('f1:test');
    expect(metadata.row_groups).toHaveLength(3);
  });

  it('is a valid file without rows', async () => {
    const parquet = createParquetTable(COLUMNS);
    expect(await parquetReadObjects({ file: concatenated([parquet.finish()]) })).toEqual([]);
  });
});
