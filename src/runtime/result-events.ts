import { contentHash } from '../model/content-hash.ts';
import { deformationsHash } from '../model/deformation.ts';
import type { InputRejected, LabelIngested, ResultReceived } from '../model/events.ts';
import { createLabel } from '../model/label.ts';
import { RejectedInput } from '../model/rejection.ts';

/** What a calculation's result becomes: a label, or a rejection that names the calculation. */
export function acceptResult(result: ResultReceived): LabelIngested | InputRejected {
  const { materialId, materialHash, labelSet, method, values, units, tensor, deformations, calculationId } = result;
  const provenance = `calculation:${calculationId}`;
  const fitted = deformations && { deformationsHash: deformationsHash(deformations) };
  const known = { values, ...(units && { units }), ...(tensor && { tensor }), ...fitted };
  const content = { materialId, materialHash, labelSet, method, provenance, ...known };
  try {
    return { type: 'LabelIngested', source: labelSet, label: createLabel(content) };
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    const { code, message } = error;
    const rejection = { code, message, source: provenance, materialId };
    return { type: 'InputRejected', id: contentHash('rejection', [provenance]), rejection, calculationId };
  }
}
