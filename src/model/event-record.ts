import { AppError } from './app-error.ts';

/** An event as a producer appends it: key, value, and the attributes of a CloudEvent (`specversion` is always 1.0). */
export interface NewEvent {
  readonly key: Uint8Array;
  /** Derived from the cause of the event, so that a replayed handler writes the same id. */
  readonly id: string;
  /** URI reference of the producer, `/elastream/acquisition`. */
  readonly source: string;
  /** Type with its version, `elastream.v1.RoundOpened`. */
  readonly type: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly contentType: string;
  readonly value: Uint8Array;
  /**
   * W3C trace context of the cause (CloudEvents' distributed tracing extension), if traces are kept. No decision may
   * depend on it: when the same event is handled again, its span differs.
   */
  readonly traceparent?: string;
}

/**
 * An event as the log holds it. Offsets grow within a partition and may have gaps. If another program wrote to the log,
 * attributes may be empty.
 */
export interface EventRecord extends NewEvent {
  readonly offset: number;
}

/** The limits of one batch; a single event may exceed the bytes. */
export interface BatchLimits {
  readonly recordsMax: number;
  /** Limit of the values' bytes. */
  readonly bytesMax: number;
}

/** Returns records from index `from` on, as many as one batch may hold; at least one if there is one. */
export function recordsWithin<T extends Pick<EventRecord, 'value'>>(
  records: readonly T[],
  from: number,
  { recordsMax, bytesMax }: BatchLimits,
): readonly T[] {
  let [to, bytes] = [from, 0];
  while (to < records.length && to - from < recordsMax) {
    bytes += records[to]!.value.length;
    if (to > from && bytes > bytesMax) break;
    to++;
  }
  return records.slice(from, to);
}

/** 1 KiB below 1 MiB: a broker adds bytes to key, attributes and value, and its default limit must still hold. */
export const EVENT_BYTES_MAX = 2 ** 20 - 2 ** 10;
export const KEY_BYTES_MAX = 1024;
const ATTRIBUTE_BYTES_MAX = 1024;
const TRACEPARENT_LENGTH = 55;

/** The attributes that are stored as text, in the order in which they are stored. */
export const ATTRIBUTES = ['id', 'source', 'type', 'time', 'contentType'] as const;

const encoder = new TextEncoder();

/**
 * The bytes that the log counts for an event: key, attributes and value. `traceparent` does not count: it fits into the
 * room left for the broker, and tracing must not make an event too large.
 * @throws AppError `invalid_argument` if the event cannot be logged; its producer should have rejected the input
 */
export function eventBytes(event: NewEvent): number {
  if (event.key.length > KEY_BYTES_MAX) {
    throw new AppError('invalid_argument', `the key of event ${event.id} has ${event.key.length} bytes; at most 1024`);
  }
  let bytes = event.key.length + event.value.length;
  for (const name of ATTRIBUTES) {
    const length = encoder.encode(event[name]).length;
    if (length === 0 || length > ATTRIBUTE_BYTES_MAX) {
      throw new AppError('invalid_argument', `attribute ${name} of event ${event.id} must have 1 to 1024 bytes`);
    }
    bytes += length;
  }
  if (event.traceparent !== undefined && event.traceparent.length !== TRACEPARENT_LENGTH) {
    throw new AppError(
      'invalid_argument',
      `the traceparent of event ${event.id} has ${event.traceparent.length} characters, not ${TRACEPARENT_LENGTH}`,
    );
  }
  if (bytes > EVENT_BYTES_MAX) {
    throw new AppError(
      'invalid_argument',
      `event ${event.id} has ${bytes} bytes; at most ${EVENT_BYTES_MAX} fit the log`,
    );
  }
  return bytes;
}
