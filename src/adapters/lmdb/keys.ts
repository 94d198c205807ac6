/*
 * One ordered key space:
 *   0 text                          meta: the format stamp, the writer
 *   1 topic:u16                     topic: its name and partitions
 *   2 group NUL topic partition     committed offset of a group: u48
 *   3 topic partition offset:u48    event
 *   4 SHA-256                       model
 * Numbers are big-endian, so that the order of keys is the order of offsets. 48 bits are enough for one event per
 * microsecond for nine years.
 */
const META = 0;
const TOPIC = 1;
const GROUP = 2;
const EVENT = 3;
const MODEL = 4;
const OFFSET_MAX = 2 ** 48 - 1;

export function metaKey(name: string): Buffer {
  return Buffer.from(`${String.fromCharCode(META)}${name}`);
}

export function topicKey(topic: number): Buffer {
  const key = Buffer.alloc(3, TOPIC);
  key.writeUInt16BE(topic, 1);
  return key;
}

export const TOPIC_KEYS = { start: Buffer.from([TOPIC]), end: Buffer.from([GROUP]) };
export const MODEL_KEYS = { start: Buffer.from([MODEL]), end: Buffer.from([MODEL + 1]) };

export function groupKey(group: string, topic: number, partition: number): Buffer {
  const place = Buffer.alloc(4);
  place.writeUInt16BE(topic, 0);
  place.writeUInt16BE(partition, 2);
  return Buffer.concat([Buffer.from([GROUP]), Buffer.from(group), Buffer.from([0]), place]);
}

export function eventKey(topic: number, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(11);
  key[0] = EVENT;
  key.writeUInt16BE(topic, 1);
  key.writeUInt16BE(partition, 3);
  key.writeUIntBE(offset, 5, 6);
  return key;
}

export function lastEventKey(topic: number, partition: number): Buffer {
  return eventKey(topic, partition, OFFSET_MAX);
}

export function offsetOf(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.length).readUIntBE(5, 6);
}

export function modelKey(name: string): Buffer {
  return Buffer.concat([Buffer.from([MODEL]), Buffer.from(name, 'hex')]);
}

export function modelNameOf(key: Uint8Array): string {
  return Buffer.from(key.subarray(1)).toString('hex');
}
