import { AppError } from './app-error.ts';

/** What a producer appends: key, value, and the attributes of a CloudEvent (`specversion` is always 1.0). */
export interface NewEvent {
  readonly key: Uint8Array;
  /** Derived from the event's cause, so that a replayed handler writes the same id. */
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
   * W3C trace context of what caused it (CloudEvents' distributed tracing extension), where traces are kept. Nothing may
   * be decided by it: the same event handled again is in another span.
   */
  readonly traceparent?: string;
}

/**
 * An event as the log holds it. Offsets grow within a partition; they may have gaps. Where another program wrote to the
 * log, attributes may be empty.
 */
export interface EventRecord extends NewEvent {
  readonly offset: number;
}

/** What one batch may hold; a single event may have more bytes. */
export interface BatchLimits {
  readonly recordsMax: number;
  /** Of the values. */
  readonly bytesMax: number;
}

/** From that index on as many records as one batch may hold, one at least where there is one. */
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

/** 1 KiB below 1 MiB: room for what a broker adds to key, attributes and value, so that its default limit is kept. */
export const EVENT_BYTES_MAX = 2 ** 20 - 2 ** 10;
export const KEY_BYTES_MAX = 1024;
const ATTRIBUTE_BYTES_MAX = 1024;
const TRACEPARENT_LENGTH = 55;

/** The attributes that travel as text, in the order in which they are stored. */
export const ATTRIBUTES = ['id', 'source', 'type', 'time', 'contentType'] as const;

const encoder = new TextEncoder();

/**
 * What the log charges for an event: the bytes of key, attributes and value. Not those of `traceparent`, for which there
 * is room beside the broker's: an event must not become too large by being traced.
 * @throws AppError `invalid_argument` where the event cannot be logged; whoever made it should have refused its input.
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
