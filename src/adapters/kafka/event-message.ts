import { crc32 } from 'node:zlib';
import type { Message } from 'kafkajs';
import { ATTRIBUTES, type EventRecord, type NewEvent } from '../../model/event-record.ts';

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
  headers[CHECKSUM_HEADER] = checksum(event);
  return { key: Buffer.from(event.key), value: Buffer.from(event.value), headers };
}

/**
 * CRC-32 (of zlib) over the attributes id, source, type, time, content type and traceparent (empty where there is none)
 * and the lengths of key and value, in UTF-8, a line feed between two; then the key, then the value. It is against disks
 * and memory, not against people.
 */
function checksum(event: NewEvent): string {
  const { key, value, traceparent = '' } = event;
  const texts = [...ATTRIBUTES.map((name) => event[name]), traceparent, key.length, value.length].join('\n');
  return `${CHECKSUM_KIND}${crc32(value, crc32(key, crc32(texts)))
    .toString(16)
    .padStart(8, '0')}`;
}

const CHECKSUM_KIND = 'crc32:';

export function hasChecksum(message: FetchedMessage): boolean {
  return headerText(message, CHECKSUM_HEADER) !== undefined;
}

/** How the event differs from what was written; undefined where it does not, or nobody can tell. */
export function damage(message: FetchedMessage, event: NewEvent): string | undefined {
  const written = headerText(message, CHECKSUM_HEADER);
  // Another kind is a newer version's.
  if (written?.startsWith(CHECKSUM_KIND) !== true) return undefined;
  const found = checksum(event);
  return written === found ? undefined : `its checksum is ${found}, not ${written} (event ${event.id})`;
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
