import type { Message } from 'kafkajs';

/**
 * Kafka's default of `max.message.bytes`, and the value of our topics: 1 MiB plus 12 bytes (a batch's base offset and
 * length).
 */
export const BATCH_BYTES_MAX = 2 ** 20 + 12;

/**
 * Size of a batch header, in bytes: offset 8, length 4, epoch 4, magic 1, checksum 4, attributes 2, last offset 4, two
 * timestamps 16, producer id 8 and epoch 2, sequence 4, count 4.
 */
const HEAD_BYTES = 61;

/** A message, and its size without the fields that depend on its position in a batch. */
export interface SizedMessage {
  readonly message: Message;
  readonly bytes: number;
}

/**
 * Computes the size of a record as kafkajs encodes it (format 2, uncompressed): attributes 1 byte, timestamp delta (0
 * for messages without a timestamp), offset delta, key, value and headers. Each text and the whole record are preceded
 * by their length.
 */
export function sized(message: Message): SizedMessage {
  const headers = Object.entries(message.headers ?? {});
  let bytes = 1 + 1 + textBytes(message.key ?? null) + textBytes(message.value) + varintBytes(headers.length);
  for (const [name, value] of headers) bytes += textBytes(name) + textBytes(value as string | Buffer);
  return { message, bytes };
}

/**
 * Returns how many messages, from `messages[0]` on, fit in a batch of at most `bytesMax` bytes, and the size of that
 * batch. The count is at least one.
 */
export function fitting(messages: readonly SizedMessage[], bytesMax: number): { count: number; bytes: number } {
  let [count, bytes] = [0, HEAD_BYTES];
  for (const message of messages) {
    const body = message.bytes + varintBytes(count);
    const record = varintBytes(body) + body;
    if (count > 0 && bytes + record > bytesMax) break;
    count++;
    bytes += record;
  }
  return { count, bytes };
}

function textBytes(text: string | Buffer | null): number {
  if (text === null) return varintBytes(-1);
  const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  return varintBytes(bytes) + bytes;
}

/** Returns the size of a signed number in zigzag encoding: 7 bits per byte. */
function varintBytes(n: number): number {
  const bits = 32 - Math.clz32(n < 0 ? -2 * n - 1 : 2 * n);
  return Math.max(1, Math.ceil(bits / 7));
}
