import { EVENT_BYTES_MAX } from '../../src/model/event-record.ts';
import type { Material } from '../../src/model/material.ts';
import { RejectedInput, type Rejection } from '../../src/model/rejection.ts';
import { badMessage } from '../../src/protocol/bad-message.ts';
import { nameField } from '../../src/protocol/checked-field.ts';
import { SubmitRequest, type SubmittedLabel } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromOutcomeMessage } from '../../src/protocol/label-message.ts';
import { fromMaterialMessage } from '../../src/protocol/material-message.ts';
import { fromRejectionMessage } from '../../src/protocol/rejection-message.ts';
import type { SetLabel } from '../../src/runtime/source-events.ts';

export type SubmittedItem =
  | { readonly kind: 'material'; readonly material: Material; readonly labels: readonly SetLabel[] }
  | { readonly kind: 'rejection'; readonly rejection: Rejection }
  | { readonly kind: 'completed' };

/** Whatever becomes of an item then fits an event, hashes and attributes included. */
const ITEM_BYTES_MAX = EVENT_BYTES_MAX - 2 ** 12;
/** A refusal repeats no text that may be the very thing that is too long. */
const MESSAGE_CHARACTERS_MAX = 1000;
const NAME_CHARACTERS_MAX = 200;

/** As it came; some of it is larger in memory. */
export function itemBytes(request: SubmitRequest): number {
  return SubmitRequest.encode(request).finish().length;
}

/** What these names begin belongs to the services alone: the labels of a campaign, and where they came from. */
const RESERVED = /^(campaign|calculation):/;

/** @throws RejectedInput where it is not one whole item */
export function submittedItem(request: SubmitRequest): SubmittedItem {
  const { source, material, labels, rejection, sourceCompleted } = request;
  ownName(nameField(source, 'source'), 'source');
  const bytes = itemBytes(request);
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
    return { kind: 'material', material: fromMaterialMessage(material, 'material'), labels: labels.map(setLabel) };
  }
  if (labels.length > 0) throw badMessage('labels', 'are given without a material: give both in one item');
  return rejection === undefined
    ? { kind: 'completed' }
    : { kind: 'rejection', rejection: fromRejectionMessage(rejection) };
}

function setLabel(message: SubmittedLabel): SetLabel {
  return {
    labelSet: ownName(nameField(message.labelSet, 'labels.label_set'), 'labels.label_set'),
    provenance: ownName(message.provenance, 'labels.provenance'),
    ...fromOutcomeMessage(message, 'labels.'),
  };
}

/** Else anybody could tell a campaign what its own calculations gave, and of materials that it never chose. */
function ownName(text: string, field: string): string {
  const [prefix] = RESERVED.exec(text) ?? [];
  if (prefix === undefined) return text;
  const remedy = `names that begin with ${prefix} are given by elastream alone; choose another`;
  throw new RejectedInput('reserved_name', `${field} "${text.slice(0, NAME_CHARACTERS_MAX)}" is reserved: ${remedy}`);
}

/** Why an item was refused, in words that fit the log, and where the log keeps it. */
export function refusedItem(
  { clientId, source, material }: SubmitRequest,
  { code, message }: RejectedInput,
): Rejection {
  const name = (text: string) => text.slice(0, NAME_CHARACTERS_MAX);
  const id = material?.id ?? '';
  return {
    ...{ code, message: message.slice(0, MESSAGE_CHARACTERS_MAX) },
    ...{ source: name(source) || 'a submission', locator: `item ${name(clientId)}` },
    ...(id !== '' && { materialId: name(id) }),
  };
}
