import { parseLabel } from '../../adapters/sources/files/parse-label.ts';
import { parsedMaterial } from '../../formats/json/parse-row.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../formats/json-fields.ts';
import { quote } from '../../formats/located-rejection.ts';
import type { ModulusUnit } from '../../model/input-units.ts';
import { parseMaterialId } from '../../model/material-id.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { measuredValues, type TargetDefinition, targetValues } from '../../model/target.ts';
import { toOutcomeMessage } from '../../protocol/label-message.ts';
import { toMaterialMessage } from '../../protocol/material-message.ts';
import { type FoundResult, NOTHING, rejected, statedMethod } from './found-result.ts';

/** Results as JSON lines, with or without structures. */
export function* lineResults(
  path: string,
  text: string,
  targets: readonly TargetDefinition[],
  unit: ModulusUnit | undefined,
): Generator<FoundResult> {
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const locator = `line ${i + 1}`;
    let id: string | undefined;
    try {
      const row = parseJson(line);
      if (!isJsonObject(row)) throw new RejectedInput('bad_syntax', `the line is no JSON object but ${quote(line)}`);
      id = parseMaterialId(row.material_id);
      yield lineResult(row, `${path}: ${locator}`, targets, unit);
    } catch (error) {
      if (!(error instanceof RejectedInput)) throw error;
      yield rejected(error, path, locator, id ?? '');
    }
  }
}

function lineResult(
  row: JsonObject,
  place: string,
  targets: readonly TargetDefinition[],
  unit: ModulusUnit | undefined,
): FoundResult {
  const materialId = parseMaterialId(row.material_id);
  const hasStructure = [row.structure, row.lattice, row.sites].some((field) => field !== undefined && field !== null);
  const material = hasStructure ? toMaterialMessage(parsedMaterial(row, undefined).material) : undefined;
  const label = parseLabel(row, materialId, place, unit);
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
