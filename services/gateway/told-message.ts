import type { ToldResult } from '../../src/learning/campaign/told-result.ts';
import { textProblem } from '../../src/model/given-name.ts';
import type { LabelMethod } from '../../src/model/label.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { badMessage, inField } from '../../src/protocol/bad-message.ts';
import type { ToldResult as ToldMessage } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { knownFields } from '../../src/protocol/known-fields.ts';
import { fromOutcomeMessage } from '../../src/protocol/label-message.ts';
import { fromMaterialMessage } from '../../src/protocol/material-message.ts';

/** Reasons and places are texts for people, and must fit in an event. */
const TEXT_BYTES_MAX = 1000;

/**
 * @param field the result's place in the request, for messages
 * @param method of results that state none
 * @throws RejectedInput `bad_message`, `bad_id` and those of structures
 */
export function fromToldMessage(message: ToldMessage, field: string, method: LabelMethod): ToldResult {
  const { failure, attempt, material, values, tensor, provenance } = message;
  const told = inField(`${field}.material_id`, () => parseMaterialId(message.materialId));
  for (const [name, text] of [
    ['failure', failure ?? ''],
    ['provenance', provenance],
    ['method.code', message.method?.code ?? ''],
    ['method.functional', message.method?.functional ?? ''],
  ] as const) {
    const problem = textProblem(text, TEXT_BYTES_MAX);
    if (problem !== undefined) throw badMessage(`${field}.${name}`, problem);
  }
  if (failure !== undefined && (values.length > 0 || tensor.length > 0)) {
    throw badMessage(`${field}`, 'has both a failure and values: give one of them');
  }
  if (failure === '') throw badMessage(`${field}.failure`, 'is empty: say in a few words why, or give values');
  const structure = material && fromMaterialMessage(material, `${field}.material`);
  if (structure !== undefined && structure.id !== told) {
    throw badMessage(`${field}.material.id`, `is ${structure.id}, and the result is of ${told}: give the same id`);
  }
  return knownFields<ToldResult>({
    materialId: told,
    ...fromOutcomeMessage({ values, tensor, method: message.method ?? method }, `${field}.`),
    attempt,
    failure,
    material: structure,
    provenance,
    restore: message.restore || undefined,
  });
}
