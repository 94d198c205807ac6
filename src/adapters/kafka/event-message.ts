import type { Message } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import type { EventRecord, NewEvent } from '../../model/event-record.ts';
import type { TopicPartition } from '../../ports/event-log.ts';

/** Of a record as kafkajs decodes it. */
export interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  readonly isControlRecord?: boolean;
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

/** Copies key and value: the caller may reuse its buffers before the message is sent. */
export function encodeEvent(event: NewEvent): Message {
  const headers: Record<string, string> = { ce_specversion: '1.0' };
  for (const [attribute, header] of Object.entries(HEADERS)) headers[header] = event[attribute as keyof typeof HEADERS];
  if (event.traceparent !== undefined) headers[TRACEPARENT_HEADER] = event.traceparent;
  return { key: Buffer.from(event.key), value: Buffer.from(event.value), headers };
}

/** @throws AppError `storage_corrupt` where the message is no event of ours */
export function decodeEvent(at: TopicPartition, message: FetchedMessage): EventRecord {
  const attribute = (name: keyof typeof HEADERS): string => {
    const text = headerText(message, HEADERS[name]);
    if (text !== undefined) return text;
    throw new AppError(
      'storage_corrupt',
      `${at.topic} partition ${at.partition} offset ${message.offset}: no event of elastream, header ${HEADERS[name]} is missing; ` +
        'let nothing else write to this topic',
    );
  };
  const traceparent = headerText(message, TRACEPARENT_HEADER);
  return {
    offset: Number(message.offset),
    // Copied: a slice would keep all that was fetched with it.
    key: new Uint8Array(message.key ?? []),
    id: attribute('id'),
    source: attribute('source'),
    type: attribute('type'),
    time: attribute('time'),
    contentType: attribute('contentType'),
    value: new Uint8Array(message.value ?? []),
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** Undefined where the header is missing, given twice or, which kafkajs does not declare, null. */
function headerText({ headers }: FetchedMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.toString() : undefined;
}
