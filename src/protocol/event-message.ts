import type { EventRecord, NewEvent } from '../model/event-record.ts';
import { RejectedInput } from '../model/rejection.ts';
import type { DomainEvent } from './domain-event.ts';
import { decodeEvent, encodeEvent } from './event-codec.ts';
import type { EventRoute } from './event-routes.ts';

const PACKAGE = 'elastream.v1.';

export interface EventOrigin {
  /** RFC 3339, UTC. */
  readonly time: string;
  /** URI reference of the producer, `/elastream/acquisition`. */
  readonly source: string;
  /** W3C trace context of what caused the event. */
  readonly traceparent?: string | undefined;
}

/** What the log takes of an event, to be appended at `route`. */
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
 * The event that the log holds there.
 * @throws RejectedInput `bad_message` where it is none, which a reader notes and passes over
 */
export function fromRecord({ type, id, offset, time, value }: EventRecord): DomainEvent {
  if (type === '') {
    const message = `what stands at offset ${offset} is no event of elastream: it lacks attributes; let nothing else write to this topic`;
    throw new RejectedInput('bad_message', message);
  }
  if (!type.startsWith(PACKAGE))
    throw new RejectedInput('bad_message', `event ${id} at offset ${offset} has the foreign type "${type}"`);
  // Waits are measured from it.
  if (Number.isNaN(Date.parse(time)))
    throw new RejectedInput('bad_message', `event ${id} at offset ${offset} has the time "${time}", which is none`);
  return decodeEvent(type.slice(PACKAGE.length), value);
}
