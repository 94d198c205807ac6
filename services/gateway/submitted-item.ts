import { AppError } from '../../src/model/app-error.ts';
import { EVENT_BYTES_MAX } from '../../src/model/event-record.ts';
import { nameProblem, textProblem } from '../../src/model/given-name.ts';
import type { Material } from '../../src/model/material.ts';
import { RejectedInput, type Rejection } from '../../src/model/rejection.ts';
import { badMessage } from '../../src/protocol/bad-message.ts';
import { hashField, nameField } from '../../src/protocol/checked-field.ts';
import { SubmitRequest, type SubmittedLabel } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromOutcomeMessage } from '../../src/protocol/label-message.ts';
import { fromMaterialMessage } from '../../src/protocol/material-message.ts';
import { fromRejectionMessage } from '../../src/protocol/rejection-message.ts';
import type { SetLabel } from '../../src/runtime/source-events.ts';

export type SubmittedItem =
  | { readonly kind: 'material'; readonly material: Material; readonly labels: readonly SetLabel[] }
  | { readonly kind: 'rejection'; readonly rejection: Rejection }
  | { readonly kind: 'completed' };

/** An item in the form that is kept until it is answered. The received message may be many times larger in memory. */
export interface ArrivedItem {
  readonly clientId: string;
  readonly source: string;
  readonly content: SubmittedItem | { readonly kind: 'refused'; readonly rejection: Rejection };
  /** Approximate memory of the item and its events. */
  readonly bytes: number;
}

/** Size limit of an item. With it, each event of the item fits in the log, including hashes and attributes. */
const ITEM_BYTES_MAX = EVENT_BYTES_MAX - 2 ** 12;
/** Each label becomes an event, so many labels would turn a small item into many megabytes. */
const LABELS_MAX = 1000;
/** Answers wait for their reader, and each repeats the client id. */
const CLIENT_ID_BYTES_MAX = 256;
/** Memory of an event besides the item's content: hashes, attributes, objects. */
const EVENT_BYTES = 500;
/** A refusal is cut, because it may quote the text that is too long. */
const MESSAGE_CHARACTERS_MAX = 1000;
const NAME_CHARACTERS_MAX = 200;

/** Names with these prefixes belong to the services alone: the labels of a campaign, and their provenance. */
const RESERVED = /^(campaign|calculation):/;

/**
 * Converts a received item. A refused item is kept as a rejection with its reason.
 * @throws AppError `invalid_argument` if the item has no valid client id, by which it could be answered
 */
export function arrivedItem(request: SubmitRequest): ArrivedItem {
  const { clientId, source } = request;
  const problem = textProblem(clientId, CLIENT_ID_BYTES_MAX);
  if (problem !== undefined) {
    const remedy = 'answers repeat it: give each item a short one of its own';
    throw new AppError('invalid_argument', `client_id ${problem}; ${remedy}`);
  }
  const encoded = SubmitRequest.encode(request).finish().length;
  try {
    const content = submittedItem(request, encoded);
    const events = content.kind === 'material' ? 1 + content.labels.length : 1;
    return { clientId, source, content, bytes: encoded + events * EVENT_BYTES };
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    const rejection = refusedItem({ clientId, source, materialId: request.material?.id ?? '' }, error);
    return { clientId, source, content: { kind: 'refused', rejection }, bytes: MESSAGE_CHARACTERS_MAX + EVENT_BYTES };
  }
}

/** @throws RejectedInput if the request is not exactly one complete item */
function submittedItem(request: SubmitRequest, bytes: number): SubmittedItem {
  const { source, material, labels, rejection, sourceCompleted } = request;
  ownName(source, 'source');
  if (bytes > ITEM_BYTES_MAX) {
    const message = `the item has ${bytes} bytes, and at most ${ITEM_BYTES_MAX} fit the log: split or shorten it`;
    throw new RejectedInput('too_large', message);
  }
  const contents = [material, rejection, sourceCompleted || undefined].filter((content) => content !== undefined);
  if (contents.length !== 1) {
    const problem = `must hold one of material, rejection and source_completed, not ${contents.length} of them`;
    throw badMessage('the item', problem);
  }
  if (material !== undefined) {
    if (labels.length > LABELS_MAX) {
      const message = `labels has ${labels.length} entries; at most ${LABELS_MAX} are allowed: give the others in items of their own, with the same material`;
      throw new RejectedInput('too_large', message);
    }
    return { kind: 'material', material: fromMaterialMessage(material, 'material'), labels: labels.map(setLabel) };
  }
  if (labels.length > 0) throw badMessage('labels', 'are given without a material: give both in one item');
  return rejection === undefined
    ? { kind: 'completed' }
    : { kind: 'rejection', rejection: fromRejectionMessage(rejection) };
}

function setLabel(message: SubmittedLabel): SetLabel {
  const { deformationsHash: deformations } = message;
  shortText(message.method?.code ?? '', 'labels.method.code');
  shortText(message.method?.functional ?? '', 'labels.method.functional');
  return {
    labelSet: ownName(message.labelSet, 'labels.label_set'),
    provenance: notReserved(shortText(message.provenance, 'labels.provenance'), 'labels.provenance'),
    ...fromOutcomeMessage(message, 'labels.'),
    ...(deformations !== undefined && { deformationsHash: hashField(deformations, 'labels.deformations_hash') }),
  };
}

function ownName(text: string, field: string): string {
  const problem = nameProblem(nameField(text, field));
  if (problem !== undefined) throw badMessage(field, problem);
  return notReserved(text, field);
}

function shortText(text: string, field: string): string {
  const problem = textProblem(text);
  if (problem !== undefined) throw badMessage(field, problem);
  return text;
}

/**
 * Refuses reserved names. Otherwise any client could submit results of a campaign's own calculations, also for
 * materials that the campaign never chose.
 */
function notReserved(text: string, field: string): string {
  const [prefix] = RESERVED.exec(text) ?? [];
  if (prefix === undefined) return text;
  const remedy = `names that begin with ${prefix} are given by elastream alone; choose another`;
  throw new RejectedInput('reserved_name', `${field} "${shown(text)}" is reserved: ${remedy}`);
}

/** Returns the rejection of an item, cut to a size that fits in the log. */
export function refusedItem(
  { clientId, source, materialId }: Record<'clientId' | 'source' | 'materialId', string>,
  { code, message }: RejectedInput,
): Rejection {
  return {
    code,
    message: message.slice(0, MESSAGE_CHARACTERS_MAX).toWellFormed(),
    source: shown(source) || 'a submission',
    locator: `item ${shown(clientId)}`,
    ...(materialId !== '' && { materialId: shown(materialId) }),
  };
}

function shown(name: string): string {
  return name.slice(0, NAME_CHARACTERS_MAX).toWellFormed();
}
