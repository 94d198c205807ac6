import type { Cell, RecordColumn } from '../../model/record-column.ts';
import type { Output } from './output-file.ts';
import { createParquetTable } from './parquet-table.ts';
import { RECORD_TEXTS } from './record-text.ts';
import { compress } from './row-sink.ts';
import type { OutputFormat } from './table-format.ts';

/** Bounds the memory, and spares the output many small writes. */
const CHARACTERS_MAX = 2 ** 18;

/** Takes records and brings them to an output. */
export interface RecordSink {
  add(cells: readonly Cell[]): Promise<void>;
  /** Writes what is left, and what ends the format. */
  finish(): Promise<void>;
}

export interface RecordFormat {
  readonly format: OutputFormat;
  /** Of text: gzip. */
  readonly compressed: boolean;
}

export function createRecordSink(
  output: Output,
  columns: readonly RecordColumn[],
  { format, compressed }: RecordFormat,
): RecordSink {
  if (format === 'parquet') return parquetSink(output, columns);
  const text = RECORD_TEXTS[format];
  let waiting = text.header(columns);
  const flush = async () => {
    const bytes = Buffer.from(waiting, 'utf8');
    waiting = '';
    await output.write(compressed ? await compress(bytes) : bytes);
  };
  return {
    async add(cells) {
      waiting += text.record(columns, cells);
      if (waiting.length >= CHARACTERS_MAX) await flush();
    },
    finish: flush,
  };
}

function parquetSink(output: Output, columns: readonly RecordColumn[]): RecordSink {
  const parquet = createParquetTable(columns);
  return {
    async add(cells) {
      parquet.add(cells);
      const ready = parquet.take();
      if (ready.length > 0) await output.write(ready);
    },
    finish: () => output.write(parquet.finish()),
  };
}
