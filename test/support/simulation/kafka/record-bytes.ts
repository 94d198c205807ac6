import type { SentMessage } from './replica-log.ts';

/** Of a batch without records, with its offset and length: Kafka's record batch, magic 2. */
const BATCH_HEADER_BYTES = 61;

/** Exactly so many bytes a broker is sent of these messages, all of one timestamp. */
export function batchBytes(messages: readonly SentMessage[]): number {
  return messages.reduce((sum, message, offsetDelta) => sum + recordBytes(message, offsetDelta), BATCH_HEADER_BYTES);
}

function recordBytes({ key, value, headers = {} }: SentMessage, offsetDelta: number): number {
  const named = Object.entries(headers);
  const body =
    // Attributes and the difference of timestamps.
    1 + 1 + varintBytes(offsetDelta) + fieldBytes(key?.length) + fieldBytes(value?.length) + varintBytes(named.length);
  const all = named.reduce(
    (sum, [name, text]) => sum + fieldBytes(Buffer.byteLength(name)) + fieldBytes(Buffer.byteLength(text)),
    body,
  );
  return varintBytes(all) + all;
}

/** A field and its length before it; -1 where there is none. */
function fieldBytes(length: number | undefined): number {
  return length === undefined ? 1 : varintBytes(length) + length;
}

/** Of a whole number that is not negative, in zigzag. */
function varintBytes(n: number): number {
  return n < 2 ** 6 ? 1 : n < 2 ** 13 ? 2 : n < 2 ** 20 ? 3 : n < 2 ** 27 ? 4 : 5;
}
