import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { RejectedInput } from '../../../model/rejection.ts';
import type { InputFile } from './input-files.ts';
import type { OpenTable } from './table-units.ts';

/** A row group is read whole, column by column. */
const ROW_GROUP_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Opens a Parquet file, with the compressions that need no further library: none, Snappy and gzip.
 * @throws RejectedInput `unsupported_format`, `too_large`, `truncated`
 */
export async function openParquet({ path }: Pick<InputFile, 'path'>): Promise<OpenTable> {
  if (path === undefined || /\.gz$/i.test(path)) {
    throw new RejectedInput('unsupported_format', 'Parquet is read from a plain file only; save or unpack it first');
  }
  const file = await asyncBufferFromFile(path);
  const metadata = await understood(() => parquetMetadataAsync(file));
  for (const { total_byte_size: size } of metadata.row_groups) assertReadable(Number(size));
  const header = parquetSchema(metadata).children.map(({ element }) => element.name);
  return { counts: 'row', header, rows: (needed) => rowsOf(file, metadata, header, needed) };
}

async function* rowsOf(
  file: AsyncBuffer,
  metadata: FileMetaData,
  header: readonly string[],
  needed: readonly number[],
) {
  const columns = needed.map((index) => header[index]!);
  let rowStart = 0;
  for (const { num_rows: count } of metadata.row_groups) {
    const rowEnd = rowStart + Number(count);
    const options = { file, metadata, columns, rowStart, rowEnd, geoparquet: false };
    const rows = columns.length === 0 ? [] : await understood(() => parquetReadObjects(options));
    for (const [i, row] of rows.entries()) {
      const cells = header.map((title) => withoutBigInt(row[title]));
      yield { number: rowStart + i + 1, cells, size: sizeOf(cells) };
    }
    rowStart = rowEnd;
  }
}

/** Whole numbers as other readers give them: those beyond 2^53 are no number of a material. */
function withoutBigInt(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(withoutBigInt);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBigInt(inner)]));
}

function sizeOf(cells: readonly unknown[]): number {
  let size = 0;
  for (const cell of cells) size += typeof cell === 'string' ? 16 + cell.length : typeof cell === 'object' ? 2_048 : 16;
  return size;
}

function assertReadable(size: number): void {
  if (size <= ROW_GROUP_BYTES_MAX) return;
  const remedy = 'write it with smaller ones: df.to_parquet(path, row_group_size=10_000)';
  throw new RejectedInput(
    'too_large',
    `a row group takes ${size} bytes, and at most ${ROW_GROUP_BYTES_MAX} are read; ${remedy}`,
  );
}

/** The library throws plain errors for what it cannot read. */
async function understood<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw error;
    const { message } = error as Error;
    if (/compress/i.test(message)) {
      const remedy = "write it with df.to_parquet(path, compression='snappy')";
      throw new RejectedInput('unsupported_format', `${message}; ${remedy}`);
    }
    throw new RejectedInput('truncated', `not a whole Parquet file (${message}); fetch it again`);
  }
}
