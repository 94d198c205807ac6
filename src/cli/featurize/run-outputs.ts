import { createHash } from 'node:crypto';
import { finalPath, type Output, openOutput, partialPath } from '../../adapters/writers/output-file.ts';
import { createRejectionSink, type RejectionSink } from '../../adapters/writers/rejection-sink.ts';
import { createParquetSink, createTextSink, type RowSink } from '../../adapters/writers/row-sink.ts';
import type { TableSchema } from '../../adapters/writers/row-text.ts';
import { textFormat } from '../../adapters/writers/table-format.ts';
import { featureIndices, featureSchemaId, schemaFeatures } from '../../featurizers/feature-schema.ts';
import type { Tally } from '../../text/featurize-tally.ts';
import { type Checkpoint, loadCheckpoint, removeCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { FeaturizeSettings } from './featurize-units.ts';
import type { Ledger } from './ledger.ts';

export interface OutputRequest {
  /** `-` for standard output. */
  readonly output: string;
  readonly rejected?: string;
  readonly resume: boolean;
}

/** All that a run writes. */
export interface RunOutputs extends Pick<RowSink, 'add'> {
  readonly output: Output;
  /** Where an interrupted run stopped, if this one goes on from there. */
  readonly resumed: Checkpoint | undefined;
  /** Whether `--resume` could go on from what is written. */
  readonly resumable: boolean;
  readonly reject: RejectionSink['add'];
  /** Brings rows and rejections to the files, and notes how far the run has come. */
  flush(ledger: Ledger, tally: Tally): Promise<void>;
  /** Gives the files their names; without rows no output is left. */
  commit(tally: Tally): Promise<void>;
  /** Ends early: what is done stays in the partial files. */
  keep(ledger: Ledger, tally: Tally): Promise<void>;
}

function tableSchema({ set, cell }: FeaturizeSettings): TableSchema {
  const all = schemaFeatures(set);
  const features = Array.from(featureIndices(set), (i) => all[i]!);
  return {
    schema: featureSchemaId(cell, all),
    labels: features.map((feature) => feature.label),
    units: features.map((feature) => feature.unit),
  };
}

/** @throws AppError `output_unwritable`, or `invalid_argument` where the run cannot be resumed */
export async function openRunOutputs(request: OutputRequest, settings: FeaturizeSettings): Promise<RunOutputs> {
  const table = tableSchema(settings);
  const compressed = request.output.endsWith('.gz');
  const run = identityOf({ table, settings, compressed, rejected: request.rejected });
  const place = partialPath(await finalPath(request.output));
  const resumed = request.resume ? await loadCheckpoint(place, run) : undefined;
  const output = await openOutput(request.output, resumed?.outputBytes);
  const rejected = await openRejected(request.rejected, resumed, output);
  const text = textFormat(settings.format);
  const rows = text ? createTextSink(output, text, table, compressed) : createParquetSink(output, table);
  const rejections = createRejectionSink(rejected);
  const resumable = text !== undefined && output.partialPath !== undefined;
  const forget = async () => {
    if (output.partialPath) await removeCheckpoint(output.partialPath);
  };
  // What an earlier run noted no longer describes the file.
  if (!resumed) await forget();
  // After a failed write, rows are missing that the ledger counts: nothing may be noted as done any more.
  let failed = false;
  const flush: RunOutputs['flush'] = async (ledger, tally) => {
    if (failed) return;
    failed = true;
    await rows.flush();
    await rejections.flush();
    // Until an interrupted run has been caught up with, its own checkpoint stays.
    if (resumable && ledger.structures > (resumed?.structures ?? 0)) {
      const position = { structures: ledger.structures, inputHash: ledger.hash(), outputBytes: output.bytes };
      await saveCheckpoint(output.partialPath!, { run, ...position, rejectedBytes: rejected?.bytes ?? 0, tally });
    }
    failed = false;
  };
  return {
    output,
    resumed,
    resumable,
    flush,
    add: rows.add,
    reject: rejections.add,
    async commit(tally) {
      await rows.finish();
      await rejections.flush();
      await (tally.featurized > 0 ? output.commit() : output.discard());
      await rejected?.commit();
      await forget();
    },
    async keep(ledger, tally) {
      await flush(ledger, tally);
      if (!failed) await rows.finish();
      await (output.bytes > 0 ? output.keep() : output.discard());
      if (output.bytes === 0) await forget();
      await rejected?.keep();
    },
  };
}

function identityOf(settings: object): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex');
}

async function openRejected(
  path: string | undefined,
  resumed: Checkpoint | undefined,
  output: Output,
): Promise<Output | undefined> {
  if (path === undefined) return undefined;
  try {
    return await openOutput(path, resumed?.rejectedBytes);
  } catch (error) {
    await (resumed ? output.keep() : output.discard());
    throw error;
  }
}
