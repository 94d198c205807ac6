import { basename, extname } from 'node:path';
import { csvOfText } from '../../adapters/sources/files/csv-records.ts';
import { openFileSource } from '../../adapters/sources/files/file-source.ts';
import { parseLabel } from '../../adapters/sources/files/parse-label.ts';
import { parsedMaterial } from '../../formats/json/parse-row.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../formats/json-fields.ts';
import { quote } from '../../formats/located-rejection.ts';
import { resultRows } from '../../formats/results/result-table.ts';
import { moduliOfTensor } from '../../learning/data/tensor-moduli.ts';
import type { LabelMethod } from '../../model/label.ts';
import type { Material } from '../../model/material.ts';
import { parseMaterialId } from '../../model/material-id.ts';
import { RejectedInput, type Rejection } from '../../model/rejection.ts';
import { measuredValues, type TargetDefinition, targetValues } from '../../model/target.ts';
import type { SourceItem } from '../../ports/material-source.ts';
import type { ToldResult } from '../../protocol/generated/elastream/v1/services.generated.ts';
import { toOutcomeMessage } from '../../protocol/label-message.ts';
import { toMaterialMessage } from '../../protocol/material-message.ts';
import { readText } from '../read-text.ts';

/** What a file says of one material. */
export type FoundResult =
  | { readonly kind: 'result'; readonly place: string; readonly message: ToldResult }
  /** A row that nobody has filled in yet. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'rejection'; readonly rejection: Rejection };

const TABLE_LIMIT = { bytesMax: 64 * 2 ** 20, remedy: 'split it' };

const NOTHING: Omit<ToldResult, 'materialId' | 'provenance'> = {
  ...{ calculationId: undefined, attempt: undefined, failure: undefined, method: undefined, material: undefined },
  ...{ values: [], tensor: [], restore: false },
};

/**
 * Reads results: a table (.csv, .tsv), JSON lines with or without structures (.jsonl), or whatever holds structures with
 * labels.
 * @param targets of the campaign
 * @throws AppError `input_unreadable`
 */
export async function* readResults(
  path: string,
  targets: readonly TargetDefinition[],
  signal: AbortSignal,
): AsyncGenerator<FoundResult, void, void> {
  const extension = extname(basename(path)).toLowerCase();
  try {
    if (['.csv', '.tsv', '.txt'].includes(extension)) {
      yield* tableResults(path, await readText(path, TABLE_LIMIT), targets);
    } else if (['.jsonl', '.ndjson'].includes(extension)) {
      yield* lineResults(path, await readText(path, TABLE_LIMIT), targets);
    } else {
      const source = await openFileSource(path, { signal, moduliOf: moduliOfTensor });
      for await (const item of source.read(signal)) yield sourceResult(path, item);
    }
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    yield { kind: 'rejection', rejection: { code: error.code, message: error.message, source: path } };
  }
}

async function* tableResults(
  path: string,
  text: string,
  targets: readonly TargetDefinition[],
): AsyncGenerator<FoundResult> {
  for await (const { locator, materialId, result, problem } of resultRows(csvOfText(text), targets)) {
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

function* lineResults(path: string, text: string, targets: readonly TargetDefinition[]): Generator<FoundResult> {
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const locator = `line ${i + 1}`;
    let id: string | undefined;
    try {
      const row = parseJson(line);
      if (!isJsonObject(row)) throw new RejectedInput('bad_syntax', `the line is no JSON object but ${quote(line)}`);
      id = parseMaterialId(row.material_id);
      yield lineResult(row, `${path}: ${locator}`, targets);
    } catch (error) {
      if (!(error instanceof RejectedInput)) throw error;
      yield rejected(error, path, locator, id ?? '');
    }
  }
}

function lineResult(row: JsonObject, place: string, targets: readonly TargetDefinition[]): FoundResult {
  const materialId = parseMaterialId(row.material_id);
  const hasStructure = [row.structure, row.lattice, row.sites].some((field) => field !== undefined && field !== null);
  const material = hasStructure ? toMaterialMessage(parsedMaterial(row, undefined).material) : undefined;
  const label = parseLabel(row, materialId, place);
  const others = targets.flatMap(({ name, unit }) => {
    const value = row[name] ?? undefined;
    if (label?.values[name] !== undefined || value === undefined) return [];
    if (typeof value === 'number') return [{ target: name, value, unit }];
    throw new RejectedInput('bad_number', `${name} of ${materialId} is ${quote(value)}; give a number, or null`);
  });
  const failure = textField(row, 'failed');
  const calculationId = textField(row, 'calculation');
  const { attempt } = row;
  if (attempt !== undefined && attempt !== null && !Number.isInteger(attempt)) {
    throw new RejectedInput(
      'bad_number',
      `attempt of ${materialId} is ${quote(attempt)}; give a whole number, or null`,
    );
  }
  const all = [...(label ? targetValues(label) : []), ...others];
  if (all.length === 0 && failure === undefined && label?.tensor === undefined) return { kind: 'empty' };
  const tensor = label?.tensor && { tensor: label.tensor };
  const { values, tensor: entries } = toOutcomeMessage({ method: { kind: 'dft' }, ...measuredValues(all), ...tensor });
  const method = statedMethod(label?.method);
  const told = {
    materialId,
    calculationId,
    failure,
    method,
    material,
    attempt: (attempt as number | null) ?? undefined,
  };
  return {
    kind: 'result',
    place,
    message: { ...NOTHING, ...told, values: [...values], tensor: [...entries], provenance: place },
  };
}

function textField(row: JsonObject, field: string): string | undefined {
  const value = row[field] ?? undefined;
  if (value === undefined || value === '' || value === false) return undefined;
  if (typeof value === 'string') return value;
  throw new RejectedInput('bad_syntax', `${field} is ${quote(value)}; give text, or null`);
}

/** Where a row says nothing of the method, it is the campaign's. */
function statedMethod(method: LabelMethod | undefined): ToldResult['method'] {
  const { kind = 'dft', code, functional, relaxedIon } = method ?? {};
  if (code === undefined && functional === undefined && relaxedIon === undefined) return undefined;
  return { kind, code, functional, relaxedIon };
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

function rejected(error: RejectedInput, source: string, locator: string | undefined, materialId: string): FoundResult {
  const { code, message } = error;
  const place = { source, ...(locator !== undefined && { locator }), ...(materialId !== '' && { materialId }) };
  return { kind: 'rejection', rejection: { code, message, ...place } };
}
