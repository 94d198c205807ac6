import { type FidelityValues, type Label, type LabelMethod, METHOD_KINDS } from '../model/label.ts';
import { parseMaterialId } from '../model/material-id.ts';
import { DEFAULT_UNIT, type MeasuredValues, measuredValues, targetValues } from '../model/target.ts';
import { badMessage, inField } from './bad-message.ts';
import { hashField, nameField, requiredField, targetField, wordField } from './checked-field.ts';
import type {
  FidelityValues as FidelityMessage,
  Label as LabelMessage,
  LabelMethod as LabelMethodMessage,
  TargetValue,
} from './generated/elastream/v1/events.generated.ts';
import { knownFields } from './known-fields.ts';

const TENSOR_ENTRIES = 36;

/** The fields that labels and raw results have in common. */
interface Outcome extends MeasuredValues {
  readonly method: LabelMethod;
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
  const { deformationsHash: deformations, supersedes } = message;
  return {
    id: hashField(message.id, `${field}.id`),
    materialId: inField(`${field}.material_id`, () => parseMaterialId(message.materialId)),
    materialHash: hashField(message.materialHash, `${field}.material_hash`),
    labelSet: nameField(message.labelSet, `${field}.label_set`),
    provenance: message.provenance,
    ...fromOutcomeMessage(message, `${field}.`),
    ...(deformations !== undefined && { deformationsHash: hashField(deformations, `${field}.deformations_hash`) }),
    ...(supersedes !== undefined && { supersedes: hashField(supersedes, `${field}.supersedes`) }),
  };
}

export function toOutcomeMessage(outcome: Outcome): OutcomeMessage {
  const { method, tensor } = outcome;
  return { method, values: toValueMessages(outcome), tensor: Array.from(tensor ?? []) };
}

function toValueMessages(measured: MeasuredValues): TargetValue[] {
  return targetValues(measured).map(({ unit, ...value }) => (unit === DEFAULT_UNIT ? value : { ...value, unit }));
}

/** @param prefix of the fields' names in messages: `label.` */
export function fromOutcomeMessage(message: OutcomeMessage, prefix: string): Outcome {
  const entries = message.tensor.length;
  if (entries !== 0 && entries !== TENSOR_ENTRIES) {
    throw badMessage(`${prefix}tensor`, `must have ${TENSOR_ENTRIES} entries or none, not ${entries}`);
  }
  return knownFields<Outcome>({
    method: fromMethodMessage(message.method, `${prefix}method`),
    ...fromValueMessages(message.values, `${prefix}values`),
    tensor: entries === 0 ? undefined : Float64Array.from(message.tensor),
  });
}

function fromValueMessages(messages: readonly TargetValue[], field: string): MeasuredValues {
  const values = messages.map(({ target, value, unit }) => {
    return { target: targetField(target, `${field}.target`), value, unit: unit ?? DEFAULT_UNIT };
  });
  const twice = values.find(({ target }, i) => values.findIndex((other) => other.target === target) < i);
  if (twice !== undefined) throw badMessage(field, `give ${twice.target} twice`);
  return measuredValues(values);
}

function fromMethodMessage(message: LabelMethodMessage | undefined, field: string): LabelMethod {
  const { kind, code, functional, relaxedIon } = requiredField(message, field);
  return knownFields<LabelMethod>({
    kind: wordField(kind, METHOD_KINDS, `${field}.kind`),
    code,
    functional,
    relaxedIon,
  });
}

export function toFidelityMessages(fidelities: readonly FidelityValues[] = []): FidelityMessage[] {
  return fidelities.map((one) => ({ method: one.method, values: toValueMessages(one) }));
}

/** @returns undefined for an empty list */
export function fromFidelityMessages(messages: readonly FidelityMessage[]): FidelityValues[] | undefined {
  if (messages.length === 0) return undefined;
  return messages.map(({ method, values }) => ({
    method: fromMethodMessage(method, 'fidelities.method'),
    ...fromValueMessages(values, 'fidelities.values'),
  }));
}
