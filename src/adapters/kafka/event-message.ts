import type { Message } from 'kafkajs';
import type { EventRecord, NewEvent } from '../../model/event-record.ts';
import { eventChecksum, eventDamage } from '../../protocol/event-checksum.ts';

/** The part of a record, as kafkajs decodes it, that this adapter uses. */
export interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  readonly isControlRecord?: boolean;
  /** Offsets of the record batch that contained this record. */
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number };
}

/** CloudEvents in binary mode on Kafka: attributes are headers, the data is the value. */
const HEADERS = {
  id: 'ce_id',
  source: 'ce_source',
  type: 'ce_type',
  time: 'ce_time',
  contentType: 'content-type',
} as const;

const TRACEPARENT_HEADER = 'ce_traceparent';
/** An extension attribute of this project. Events of older versions lack it. */
const CHECKSUM_HEADER = 'ce_checksum';

/** Copies key and value: the caller may reuse its buffers before the message is sent. */
export function encodeEvent(event: NewEvent): Message {
  const headers: Record<string, string> = { ce_specversion: '1.0' };
  for (const [attribute, header] of Object.entries(HEADERS)) headers[header] = event[attribute as keyof typeof HEADERS];
  if (event.traceparent !== undefined) headers[TRACEPARENT_HEADER] = event.traceparent;
  headers[CHECKSUM_HEADER] = eventChecksum(event);
  return { key: Buffer.from(event.key), value: Buffer.from(event.value), headers };
}

export function hasChecksum(message: FetchedMessage): boolean {
  return headerText(message, CHECKSUM_HEADER) !== undefined;
}

/** Returns how the event differs from what was written. Undefined if it does not differ, or if it has no checksum. */
export function damage(message: FetchedMessage, event: NewEvent): string | undefined {
  return eventDamage(event, headerText(message, CHECKSUM_HEADER));
}

/** Returns the event id of an encoded message. */
export function messageId({ headers }: Message): string {
  return String(headers?.[HEADERS.id]);
}

/**
 * Decodes a message. A message that lacks an attribute becomes an event with an empty type; readers reject it like an
 * event that they cannot decode. So one malformed message, from anyone who may write to the brokers, cannot stop every
 * service.
 */
export function decodeEvent({ offset, key, value, ...message }: FetchedMessage): EventRecord {
  const attribute = (name: keyof typeof HEADERS) => headerText(message, HEADERS[name]);
  const traceparent = headerText(message, TRACEPARENT_HEADER);
  const isWhole = Object.keys(HEADERS).every((name) => attribute(name as keyof typeof HEADERS) !== undefined);
  return {
    offset: Number(offset),
    // A copy, because a slice would keep the whole fetch response in memory.
    key: new Uint8Array(key ?? []),
    id: attribute('id') ?? '',
    source: attribute('source') ?? '',
    type: isWhole ? attribute('type')! : '',
    time: attribute('time') ?? '',
    contentType: attribute('contentType') ?? '',
    value: new Uint8Array(value ?? []),
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** Returns undefined if the header is missing, occurs twice or is null (which kafkajs does not declare). */
function headerText({ headers }: Pick<FetchedMessage, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.toString() : undefined;
}
