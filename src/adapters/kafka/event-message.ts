import type { Message } from 'kafkajs';
import type { EventRecord, NewEvent } from '../../model/event-record.ts';
import { eventChecksum, eventDamage } from '../../protocol/event-checksum.ts';

/** Of a record as kafkajs decodes it. */
export interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  readonly isControlRecord?: boolean;
  /** Of the batch that it came in. */
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number };
}

/** CloudEvents' binary mode on Kafka: attributes as headers, data as value. */
const HEADERS = {
  id: 'ce_id',
  source: 'ce_source',
  type: 'ce_type',
  time: 'ce_time',
  contentType: 'content-type',
} as const;

const TRACEPARENT_HEADER = 'ce_traceparent';
/** An extension of ours. Events of older versions lack it. */
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

/** How the event differs from what was written; undefined where it does not, or nobody can tell. */
export function damage(message: FetchedMessage, event: NewEvent): string | undefined {
  return eventDamage(event, headerText(message, CHECKSUM_HEADER));
}

/** Of an event as it was encoded. */
export function messageId({ headers }: Message): string {
  return String(headers?.[HEADERS.id]);
}

/**
 * A message that lacks an attribute comes as an event without type, which readers refuse as they do what they cannot
 * decode: who may write to the brokers must not be able to end every service with one message.
 */
export function decodeEvent({ offset, key, value, ...message }: FetchedMessage): EventRecord {
  const attribute = (name: keyof typeof HEADERS) => headerText(message, HEADERS[name]);
  const traceparent = headerText(message, TRACEPARENT_HEADER);
  const isWhole = Object.keys(HEADERS).every((name) => attribute(name as keyof typeof HEADERS) !== undefined);
  return {
    offset: Number(offset),
    // Copied: a slice would keep all that was fetched with it.
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

/** Undefined where the header is missing, given twice or, which kafkajs does not declare, null. */
function headerText({ headers }: Pick<FetchedMessage, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.toString() : undefined;
}
