import type { Output } from '../../adapters/writers/output-file.ts';
import { createRecordSink } from '../../adapters/writers/record-sink.ts';
import { compress } from '../../adapters/writers/row-sink.ts';
import { OUTPUT_FORMATS, type OutputFormat } from '../../adapters/writers/table-format.ts';
import type { Predictor, StructurePrediction } from '../../reading/structure-prediction.ts';
import { predictionJson, predictionTable } from '../../text/prediction-text.ts';
import type { TextStyle } from '../../text/text-style.ts';
import { predictionCells, predictionColumns } from './prediction-record.ts';

export const PREDICTION_FORMATS = ['table', ...OUTPUT_FORMATS] as const;
export type PredictionFormat = 'table' | OutputFormat;

/** Takes predictions and brings them to an output. */
export interface PredictionSink {
  add(prediction: StructurePrediction): Promise<void>;
  finish(): Promise<void>;
}

export interface PredictionOptions {
  readonly format: PredictionFormat;
  readonly compressed: boolean;
  /** Of a table. */
  readonly style: TextStyle;
}

export function createPredictionSink(
  output: Output,
  predictor: Predictor,
  { format, compressed, style }: PredictionOptions,
): PredictionSink {
  if (format === 'table') return tableSink(output, predictor, { compressed, style });
  if (format === 'jsonl') return lineSink(output, predictor, compressed);
  const columns = predictionColumns();
  const sink = createRecordSink(output, columns, { format, compressed });
  return { add: (prediction) => sink.add(predictionCells(prediction, predictor)), finish: sink.finish };
}

/** A table has to be seen whole to be aligned. */
function tableSink(
  output: Output,
  predictor: Predictor,
  { compressed, style }: Pick<PredictionOptions, 'compressed' | 'style'>,
): PredictionSink {
  const rows: StructurePrediction[] = [];
  return {
    add: async (prediction) => void rows.push(prediction),
    async finish() {
      const table = Buffer.from(predictionTable(rows, predictor, style));
      await output.write(compressed ? await compress(table) : table);
    },
  };
}

/** Each line at once, for a reader that waits for it; compressed all together, or each would be a member of its own. */
function lineSink(output: Output, predictor: Predictor, compressed: boolean): PredictionSink {
  const waiting: string[] = [];
  return {
    async add(prediction) {
      const line = predictionJson(prediction, predictor);
      if (compressed) waiting.push(line);
      else await output.write(Buffer.from(line));
    },
    async finish() {
      if (compressed) await output.write(await compress(Buffer.from(waiting.join(''))));
    },
  };
}
