import type { Output } from '../../adapters/writers/output-file.ts';
import { createParquetTable } from '../../adapters/writers/parquet-table.ts';
import { type Cell, RECORD_TEXTS, type RecordColumn } from '../../adapters/writers/record-text.ts';
import type { OutputFormat } from '../featurize/featurize-units.ts';
import { compress } from '../featurize/row-sink.ts';

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
