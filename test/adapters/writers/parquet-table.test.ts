import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { createParquetTable } from '../../../src/adapters/writers/parquet-table.ts';

const TABLE = { schema: 'f1:test', labels: ['a', 'b.c'], units: ['eV', ''] };

function concatenated(chunks: readonly Uint8Array[]): ArrayBuffer {
  const bytes = Buffer.concat(chunks);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

describe('createParquetTable', () => {
  it('reads back over several row groups, null for NaN', async () => {
    const parquet = createParquetTable(TABLE);
    const chunks: Uint8Array[] = [];
    const rows = Array.from({ length: 5000 }, (_, i) => ({ id: `mp-${i}`, values: [i / 3, i % 7 ? i : Number.NaN] }));
    for (const { id, values } of rows) {
      parquet.add(id, values);
      chunks.push(parquet.take());
    }
    // Bounded memory: row groups leave while rows still come.
    expect(chunks.filter((chunk) => chunk.length > 1000)).toHaveLength(2);
    chunks.push(parquet.finish());
    const file = concatenated(chunks);
    const read = await parquetReadObjects({ file });
    expect(read).toEqual(
      rows.map(({ id, values: [a, b] }) => ({ material_id: id, a, 'b.c': Number.isNaN(b) ? null : b })),
    );
    const metadata = parquetMetadata(file);
    const pairs = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
    expect(pairs.get('schema')).toBe('f1:test');
    expect(JSON.parse(pairs.get('units')!)).toEqual({ a: 'eV', 'b.c': '' });
    expect(metadata.row_groups).toHaveLength(3);
  });

  it('is a valid file without rows', async () => {
    const parquet = createParquetTable(TABLE);
    expect(await parquetReadObjects({ file: concatenated([parquet.finish()]) })).toEqual([]);
  });
});
