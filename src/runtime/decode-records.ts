import { AppError } from '../model/app-error.ts';
import { contentHash } from '../model/content-hash.ts';
import type { EventRecord } from '../model/event-record.ts';
import type { InputRejected } from '../model/events.ts';
import { RejectedInput } from '../model/rejection.ts';
import type { EventBatch } from '../ports/event-log.ts';
import { type ContentMismatch, contentMismatch } from '../protocol/content-check.ts';
import type { DomainEvent } from '../protocol/domain-event.ts';
import { fromRecord, type NewerEvent, newerContent, newerEvent } from '../protocol/event-message.ts';
import { keyOf } from '../protocol/event-routes.ts';

/** An event that was read from the log. */
export interface Received {
  readonly event: DomainEvent | NewerEvent;
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
  /** The time of the append, RFC 3339. */
  readonly time: string;
  /** As in EventRecord. */
  readonly traceparent?: string;
}

export interface DecodedBatch {
  readonly received: readonly Received[];
  /** The events that could not be decoded, with their places. */
  readonly refused: readonly InputRejected[];
}

/** Limits the text of a rejection: the input may be as long as an event can be. */
const MESSAGE_CHARACTERS_MAX = 1000;

/**
 * Decodes all events that can be decoded: one poisoned message must not stop a partition.
 * @throws AppError `storage_corrupt` if an event does not match its own hashes: it was changed after it was written
 */
export function decodeRecords({ topic, partition, records }: EventBatch): DecodedBatch {
  const received: Received[] = [];
  const refused: InputRejected[] = [];
  for (const record of records) {
    const { offset, id, time, traceparent } = record;
    try {
      const key = new TextDecoder().decode(record.key);
      const event = newerEvent(topic, record) ?? checkedEvent(record, { topic, partition, key });
      const place = { topic, partition, offset };
      received.push({ event, key, ...place, id, time, ...(traceparent !== undefined && { traceparent }) });
    } catch (error) {
      if (!(error instanceof RejectedInput)) throw error;
      refused.push(refusedAt({ topic, partition, offset }, error));
    }
  }
  return { received, refused };
}

/** Decodes a record and checks that the event matches its own hashes, unless only a newer version knows the rules. */
function checkedEvent(record: EventRecord, { topic, partition, key }: Pick<Received, 'topic' | 'partition' | 'key'>) {
  const event = fromRecord(record);
  if (event.type === 'CampaignCreated') assertItsStream(event.campaign, key);
  const mismatch = contentMismatch(event, { topic, key });
  if (mismatch === undefined) return event;
  const newer = newerContent(topic, record, event);
  if (newer) return newer;
  throw corrupt(`${topic} partition ${partition} offset ${record.offset}`, event, mismatch);
}

/** Rejects a CampaignCreated in another campaign's stream: it would be taken for that campaign's own. */
function assertItsStream(campaign: string, key: string): void {
  if (key === new TextDecoder().decode(keyOf(campaign))) return;
  throw new RejectedInput('bad_message', `campaign ${campaign} is created in the stream of "${key}"`);
}

/** The rejection of an event that cannot be used; it is the same however often the event is read. */
export function refusedAt(
  { topic, partition, offset }: Pick<Received, 'topic' | 'partition' | 'offset'>,
  { code, message }: Pick<RejectedInput, 'code' | 'message'>,
): InputRejected {
  const locator = `partition ${partition} offset ${offset}`;
  const id = contentHash('rejection', [topic, locator]);
  const text = message.slice(0, MESSAGE_CHARACTERS_MAX).toWellFormed();
  return { type: 'InputRejected', id, rejection: { code, message: text, source: topic, locator } };
}

function corrupt(place: string, { type }: Received['event'], { what, carried, found }: ContentMismatch): AppError {
  const remedy =
    'it was changed after it was written, and is not used: restore the log from a sound copy, or bring the data into a new one';
  return new AppError(
    'storage_corrupt',
    `${place}: ${what} of ${type} is ${carried}, its content has ${found}: ${remedy}`,
  );
}
