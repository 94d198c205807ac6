import { type Label, type LabelMethod, METHOD_KINDS, TARGETS, type Target } from '../model/label.ts';
import { parseMaterialId } from '../model/material-id.ts';
import { badMessage, inField } from './bad-message.ts';
import { hashField, nameField, requiredField, wordField } from './checked-field.ts';
import type {
  Label as LabelMessage,
  LabelMethod as LabelMethodMessage,
  TargetValue,
} from './generated/elastream/v1/events.generated.ts';
import { knownFields } from './known-fields.ts';

const TENSOR_ENTRIES = 36;

/** The fields that labels and raw results have in common. */
interface Outcome {
  readonly method: LabelMethod;
  readonly values: Readonly<Partial<Record<Target, number>>>;
  readonly tensor?: Float64Array;
}

interface OutcomeMessage {
  readonly method: LabelMethodMessage | undefined;
  readonly values: readonly TargetValue[];
  readonly tensor: readonly number[];
}

export function toLabelMessage(label: Label): LabelMessage {
  return { ...label, ...toOutcomeMessage(label) };
}

export function fromLabelMessage(message: LabelMessage, field: string): Label {
  return {
    id: hashField(message.id, `${field}.id`),
    materialId: inField(`${field}.material_id`, () => parseMaterialId(message.materialId)),
    materialHash: hashField(message.materialHash, `${field}.material_hash`),
    labelSet: nameField(message.labelSet, `${field}.label_set`),
    provenance: message.provenance,
    ...fromOutcomeMessage(message, `${field}.`),
  };
}

export function toOutcomeMessage({ method, values, tensor }: Outcome): OutcomeMessage {
  return {
    method,
    values: TARGETS.flatMap((target) => {
      const value = values[target];
      return value === undefined ? [] : [{ target, value }];
    }),
    tensor: Array.from(tensor ?? []),
  };
}

/** @param prefix of the fields' names in messages: `label.` */
export function fromOutcomeMessage(message: OutcomeMessage, prefix: string): Outcome {
  const { kind, code, functional, relaxedIon } = requiredField(message.method, `${prefix}method`);
  const values: Partial<Record<Target, number>> = {};
  for (const { target, value } of message.values) {
    const known = wordField(target, TARGETS, `${prefix}values.target`);
    if (values[known] !== undefined) throw badMessage(`${prefix}values`, `give ${known} twice`);
    values[known] = value;
  }
  const entries = message.tensor.length;
  if (entries !== 0 && entries !== TENSOR_ENTRIES) {
    throw badMessage(`${prefix}tensor`, `must have ${TENSOR_ENTRIES} entries or none, not ${entries}`);
  }
  return knownFields<Outcome>({
    method: knownFields<LabelMethod>({
      kind: wordField(kind, METHOD_KINDS, `${prefix}method.kind`),
      code,
      functional,
      relaxedIon,
    }),
    values,
    tensor: entries === 0 ? undefined : Float64Array.from(message.tensor),
  });
}
