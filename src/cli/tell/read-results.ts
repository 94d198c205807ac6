import { basename, extname } from 'node:path';
import { csvOfText } from '../../adapters/sources/files/csv-records.ts';
import { openFileSource } from '../../adapters/sources/files/file-source.ts';
import { openParquet } from '../../adapters/sources/files/parquet-rows.ts';
import { resultRows } from '../../formats/results/result-table.ts';
import { createColumnFinder } from '../../formats/tables/table-columns.ts';
import { createTensorCollector } from '../../learning/data/tensor-collector.ts';
import { moduliOfTensor } from '../../learning/data/tensor-moduli.ts';
import type { Material } from '../../model/material.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { TableOptions } from '../../model/table-options.ts';
import { measuredValues, type TargetDefinition } from '../../model/target.ts';
import type { SourceItem } from '../../ports/material-source.ts';
import type { ToldResult } from '../../protocol/generated/elastream/v1/services.generated.ts';
import { toOutcomeMessage } from '../../protocol/label-message.ts';
import { toMaterialMessage } from '../../protocol/material-message.ts';
import { readText } from '../read-text.ts';
import { type FoundResult, NOTHING, rejected, statedMethod } from './found-result.ts';
import { lineResults } from './line-results.ts';

const TABLE_LIMIT = { bytesMax: 64 * 2 ** 20, remedy: 'split it' };

export interface ReadResultsOptions {
  /** Of the campaign. */
  readonly targets: readonly TargetDefinition[];
  /** What the user says of tables and units. */
  readonly table: TableOptions;
  readonly onNote: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads results: a table (.csv, .tsv, .parquet), JSON lines with or without structures (.jsonl), or whatever holds
 * structures with labels.
 * @throws AppError `input_unreadable`
 */
export async function* readResults(path: string, options: ReadResultsOptions): AsyncGenerator<FoundResult, void, void> {
  const { targets, table, signal, onNote } = options;
  const extension = extname(basename(path)).toLowerCase();
  // A table that brings structures along is read as data.
  const isData = table.structures !== undefined || table.columns?.structure !== undefined;
  try {
    if (!isData && ['.csv', '.tsv', '.txt'].includes(extension)) {
      yield* tableResults(path, csvOfText(await readText(path, TABLE_LIMIT)), options, 'line');
    } else if (!isData && extension === '.parquet' && !(await holdsStructures(path))) {
      yield* tableResults(path, parquetRecords(path), options, 'row');
    } else if (['.jsonl', '.ndjson'].includes(extension)) {
      yield* lineResults(path, await readText(path, TABLE_LIMIT), targets, table.unit);
    } else {
      const derived = { tensors: createTensorCollector, moduliOf: moduliOfTensor };
      const source = await openFileSource(path, { signal, table, onNote, ...derived });
      for await (const item of source.read(signal)) yield sourceResult(path, item);
    }
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    yield { kind: 'rejection', rejection: { code: error.code, message: error.message, source: path } };
  }
}

/** Whether a column does. */
async function holdsStructures(path: string): Promise<boolean> {
  const { header } = await openParquet({ path });
  return createColumnFinder(header).columnOf('structure') !== undefined;
}

async function* parquetRecords(path: string) {
  const { header, rows } = await openParquet({ path });
  yield { line: 0, cells: header };
  for await (const { number, cells } of rows(header.map((_, i) => i))) yield { line: number, cells };
}

async function* tableResults(
  path: string,
  records: Parameters<typeof resultRows>[0],
  { targets, table, onNote }: ReadResultsOptions,
  counts: 'line' | 'row',
): AsyncGenerator<FoundResult> {
  const noted = (line: string) => onNote(`${basename(path)}: ${line}`);
  for await (const row of resultRows(records, targets, { table, counts, onNote: noted })) {
    const { locator, materialId, result, problem } = row;
    if (problem) yield rejected(problem, path, locator, materialId);
    else if (result!.isEmpty) yield { kind: 'empty' };
    else {
      const { calculation: calculationId, attempt, failure, values } = result!;
      const place = `${path}: ${locator}`;
      const written = toOutcomeMessage({ method: { kind: 'dft' }, ...measuredValues(values) }).values;
      const message = {
        ...NOTHING,
        materialId,
        calculationId,
        attempt,
        failure,
        values: [...written],
        provenance: place,
      };
      yield { kind: 'result', place, message };
    }
  }
}

function sourceResult(path: string, item: SourceItem): FoundResult {
  if (item.kind === 'rejection') return item;
  const { material, label } = item;
  if (label === undefined) {
    const message = `${material.id} has no result: give g_vrh or k_vrh beside the structure, or a table`;
    return rejected(new RejectedInput('missing_field', message), path, undefined, material.id);
  }
  return { kind: 'result', place: label.provenance, message: labelled(material, label) };
}

function labelled(
  material: Material,
  label: NonNullable<Extract<SourceItem, { kind: 'material' }>['label']>,
): ToldResult {
  const { values, tensor } = toOutcomeMessage(label);
  const own = { materialId: material.id, material: toMaterialMessage(material), method: statedMethod(label.method) };
  return { ...NOTHING, ...own, values: [...values], tensor: [...tensor], provenance: label.provenance };
}
