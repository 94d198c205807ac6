import { RejectedInput } from '../model/rejection.ts';
import { CALCULATION_EVENT_CODECS } from './calculation-event-codecs.ts';
import { CAMPAIGN_EVENT_CODECS } from './campaign-event-codecs.ts';
import type { DomainEvent } from './domain-event.ts';
import type { MessageCodec } from './message-codec.ts';
import { SOURCE_EVENT_CODECS } from './source-event-codecs.ts';
import { TRAINING_EVENT_CODECS } from './training-event-codecs.ts';

type CodecOf<T extends DomainEvent['type']> = MessageCodec<Extract<DomainEvent, { type: T }>>;

const CODECS: { readonly [T in DomainEvent['type']]: CodecOf<T> } = {
  ...SOURCE_EVENT_CODECS,
  ...TRAINING_EVENT_CODECS,
  ...CALCULATION_EVENT_CODECS,
  ...CAMPAIGN_EVENT_CODECS,
};

/** The event's protobuf message. Every number keeps its bits, except that -0 outside of lists is decoded as 0. */
export function encodeEvent(event: DomainEvent): Uint8Array {
  return (CODECS[event.type] as MessageCodec<DomainEvent>).encode(event);
}

/**
 * Decodes an event. The result keeps no reference to the bytes, which may be a view of reused memory.
 * @param type the type without the package: `RoundOpened`
 * @throws RejectedInput `bad_message`
 */
export function decodeEvent(type: string, value: Uint8Array): DomainEvent {
  if (!isEventType(type)) throw new RejectedInput('bad_message', `no event has the type "${type}"`);
  try {
    return CODECS[type].decode(value);
  } catch (error) {
    if (error instanceof RejectedInput) throw new RejectedInput('bad_message', `${type}: ${error.message}`);
    throw error;
  }
}

export function isEventType(type: string): type is DomainEvent['type'] {
  return Object.hasOwn(CODECS, type);
}
