import type { JsonObject } from '../../../formats/json-fields.ts';
import { quote } from '../../../formats/located-rejection.ts';
import { readMatrix } from '../../../formats/tensor/tensor-file.ts';
import { createElasticTensor } from '../../../model/elastic-tensor.ts';
import { type ModulusUnit, toGigapascal } from '../../../model/input-units.ts';
import { checkValues, type LabelMethod } from '../../../model/label.ts';
import type { MaterialId } from '../../../model/material-id.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import { MODULI, type Modulus } from '../../../model/target.ts';
import type { SourceLabel } from '../../../ports/material-source.ts';

const METHOD_CHARACTERS_MAX = 100;

/**
 * Returns the label of a row or entry: `g_vrh`, `k_vrh` and optionally `elastic_tensor` (6 x 6, Voigt order), all in
 * one unit (a tensor that comes with logarithms is in GPa), with `code`, `functional` and `relaxed_ion` if the row has
 * them. Null counts as absent.
 * @returns undefined if the row has no label
 * @throws RejectedInput
 */
export function parseLabel(
  row: JsonObject,
  materialId: MaterialId,
  provenance: string,
  unit: ModulusUnit = 'GPa',
): SourceLabel | undefined {
  const values: Partial<Record<Modulus, number>> = {};
  for (const target of MODULI) {
    const value = row[target];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number') {
      const remedy = 'give a number in GPa, or null where unknown';
      throw new RejectedInput('bad_number', `${target} of ${materialId} is ${quote(value)}; ${remedy}`);
    }
    values[target] = toGigapascal(value, unit);
  }
  const tensor = parseTensor(row.elastic_tensor, materialId, unit === 'log10(GPa)' ? 'GPa' : unit);
  if (tensor === undefined && Object.keys(values).length === 0) return undefined;
  checkValues(materialId, { values });
  return { method: parseMethod(row, materialId), provenance, values, ...(tensor !== undefined && { tensor }) };
}

/** Returns the tensor made exactly symmetric, without the noise of the given one. */
function parseTensor(value: unknown, materialId: MaterialId, unit: ModulusUnit): Float64Array | undefined {
  if (value === undefined || value === null) return undefined;
  try {
    return createElasticTensor(readMatrix(value).map((entry) => toGigapascal(entry, unit))).stiffness;
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    throw new RejectedInput(error.code, `elastic_tensor of ${materialId}: ${error.message}`);
  }
}

function parseMethod(row: JsonObject, materialId: MaterialId): LabelMethod {
  const code = optionalText(row, 'code', materialId);
  const functional = optionalText(row, 'functional', materialId);
  const relaxedIon = row.relaxed_ion ?? undefined;
  if (relaxedIon !== undefined && typeof relaxedIon !== 'boolean') {
    const remedy = 'give true or false, or null where unknown';
    throw new RejectedInput('bad_syntax', `relaxed_ion of ${materialId} is ${quote(relaxedIon)}; ${remedy}`);
  }
  return {
    kind: 'dft',
    ...(code !== undefined && { code }),
    ...(functional !== undefined && { functional }),
    ...(relaxedIon !== undefined && { relaxedIon }),
  };
}

function optionalText(row: JsonObject, field: string, materialId: MaterialId): string | undefined {
  const value = row[field] ?? '';
  if (typeof value === 'string' && value.length <= METHOD_CHARACTERS_MAX && value.isWellFormed()) {
    return value.trim() || undefined;
  }
  const remedy = `give text of at most ${METHOD_CHARACTERS_MAX} characters, or null where unknown`;
  throw new RejectedInput('bad_syntax', `${field} of ${materialId} is ${quote(value)}; ${remedy}`);
}
