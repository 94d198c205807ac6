import type { EventRecord, NewEvent } from '../model/event-record.ts';
import { RejectedInput } from '../model/rejection.ts';
import { topicKind } from '../model/topics.ts';
import type { DomainEvent } from './domain-event.ts';
import { decodeEvent, encodeEvent, isEventType } from './event-codec.ts';
import type { EventRoute } from './event-routes.ts';
import { TrainMember } from './generated/elastream/v1/events.generated.ts';

const PACKAGE = 'elastream.v1.';

export interface EventOrigin {
  /** RFC 3339, UTC. */
  readonly time: string;
  /** URI reference of the producer, `/elastream/acquisition`. */
  readonly source: string;
  /** W3C trace context of the event's cause. */
  readonly traceparent?: string | undefined;
}

/** An event of a type that this version does not know. A newer version wrote it, so it is not an error. */
export interface NewerEvent {
  readonly type: 'NewerEvent';
  /** The event's type without the package. */
  readonly name: string;
  /** The campaign to which the event belongs, if that is known. */
  readonly campaign?: string;
}

/** The event in the form in which the log takes it, to be appended at `route`. */
export function toNewEvent(event: DomainEvent, route: Pick<EventRoute, 'key' | 'id'>, origin: EventOrigin): NewEvent {
  return {
    key: route.key,
    id: route.id,
    source: origin.source,
    type: `${PACKAGE}${event.type}`,
    time: origin.time,
    contentType: 'application/protobuf',
    value: encodeEvent(event),
    ...(origin.traceparent !== undefined && { traceparent: origin.traceparent }),
  };
}

/**
 * The event of a record.
 * @throws RejectedInput `bad_message` if the record is no event; a reader reports it and skips it
 */
export function fromRecord({ type, id, offset, time, value }: EventRecord): DomainEvent {
  if (type === '') {
    const message = `what stands at offset ${offset} is no event of elastream: it lacks attributes; let nothing else write to this topic`;
    throw new RejectedInput('bad_message', message);
  }
  if (!type.startsWith(PACKAGE))
    throw new RejectedInput('bad_message', `event ${id} at offset ${offset} has the foreign type "${type}"`);
  // The time must be valid, because waits are measured from it.
  if (Number.isNaN(Date.parse(time)))
    throw new RejectedInput('bad_message', `event ${id} at offset ${offset} has the time "${time}", which is none`);
  return decodeEvent(type.slice(PACKAGE.length), value);
}

/** Undefined if the event's type is known, or is not one of elastream's types. */
export function newerEvent(topic: string, { type, key, value }: EventRecord): NewerEvent | undefined {
  const name = type.slice(PACKAGE.length);
  if (!type.startsWith(PACKAGE) || !EVENT_NAME.test(name) || isEventType(name)) return undefined;
  const campaign = campaignOf(topicKind(topic), key, value);
  return { type: 'NewerEvent', name, ...(campaign !== undefined && campaign !== '' && { campaign }) };
}

/** Undefined unless a campaign's event has a field that this version does not know; such a field may be hashed. */
export function newerContent(topic: string, { key, value }: EventRecord, event: DomainEvent): NewerEvent | undefined {
  const campaign = campaignOf(topicKind(topic), key, value);
  if (campaign === undefined || Buffer.from(encodeEvent(event)).equals(value)) return undefined;
  return { type: 'NewerEvent', name: event.type, campaign };
}

const EVENT_NAME = /^[A-Z][A-Za-z0-9]{1,63}$/;

/**
 * The campaign of an event: in `campaigns` the key, in the topics of members the first field. All events there, present
 * and future, follow this rule.
 */
function campaignOf(kind: string, key: Uint8Array, value: Uint8Array): string | undefined {
  if (kind === 'campaigns') return new TextDecoder().decode(key);
  if (kind !== 'training' && kind !== 'members') return undefined;
  try {
    return TrainMember.decode(value).campaign;
  } catch {
    return undefined;
  }
}
