import type { Message } from 'kafkajs';

/** Kafka's own default of `max.message.bytes`, and that of our topics: 1 MiB and the first 12 bytes of a batch. */
export const BATCH_BYTES_MAX = 2 ** 20 + 12;

/**
 * A batch before its records: offset 8, length 4, epoch 4, magic 1, checksum 4, attributes 2, last offset 4, two
 * timestamps 16, producer 8 and 2, sequence 4, count 4.
 */
const HEAD_BYTES = 61;

/** A message, and the bytes of it that do not depend on its place in a batch. */
export interface SizedMessage {
  readonly message: Message;
  readonly bytes: number;
}

/**
 * Sizes as kafkajs encodes a record (format 2, uncompressed): attributes 1, timestamp as a difference to the batch's,
 * which is 0 for messages without one of their own, offset as a difference, key, value, headers; each text and the whole
 * behind its length.
 */
export function sized(message: Message): SizedMessage {
  const headers = Object.entries(message.headers ?? {});
  let bytes = 1 + 1 + textBytes(message.key ?? null) + textBytes(message.value) + varintBytes(headers.length);
  for (const [name, value] of headers) bytes += textBytes(name) + textBytes(value as string | Buffer);
  return { message, bytes };
}

/** How many of these, from `messages[0]` on, make a batch of at most so many bytes, and of how many; at least one. */
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

/** Of a signed number, zigzag: 7 bits a byte. */
function varintBytes(n: number): number {
  const bits = 32 - Math.clz32(n < 0 ? -2 * n - 1 : 2 * n);
  return Math.max(1, Math.ceil(bits / 7));
}
