import type { SentMessage } from './replica-log.ts';

/** The size of a batch without records, including its offset and length fields: Kafka's record batch, magic 2. */
const BATCH_HEADER_BYTES = 61;

/** The exact number of bytes that a broker receives for these messages if all have the same timestamp. */
export function batchBytes(messages: readonly SentMessage[]): number {
  return messages.reduce((sum, message, offsetDelta) => sum + recordBytes(message, offsetDelta), BATCH_HEADER_BYTES);
}

function recordBytes({ key, value, headers = {} }: SentMessage, offsetDelta: number): number {
  const named = Object.entries(headers);
  const body =
    // Attributes and the timestamp delta.
    1 + 1 + varintBytes(offsetDelta) + fieldBytes(key?.length) + fieldBytes(value?.length) + varintBytes(named.length);
  const all = named.reduce(
    (sum, [name, text]) => sum + fieldBytes(Buffer.byteLength(name)) + fieldBytes(Buffer.byteLength(text)),
    body,
  );
  return varintBytes(all) + all;
}

/** A field with its length prefix; the length is -1 if there is no field. */
function fieldBytes(length: number | undefined): number {
  return length === undefined ? 1 : varintBytes(length) + length;
}

/** The bytes of a non-negative whole number in zigzag encoding. */
function varintBytes(n: number): number {
  return n < 2 ** 6 ? 1 : n < 2 ** 13 ? 2 : n < 2 ** 20 ? 3 : n < 2 ** 27 ? 4 : 5;
}
