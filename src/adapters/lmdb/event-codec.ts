import { crc32 } from 'node:zlib';
import { AppError } from '../../model/app-error.ts';
import { ATTRIBUTES, type EventRecord, type NewEvent } from '../../model/event-record.ts';

/*
 * The bytes of an event, in this order:
 * - the codec's version (u8)
 * - a checksum (u32)
 * - the lengths of the key, of the five attributes and of `traceparent` (u16 each; 0 if there is no traceparent)
 * - key, attributes and traceparent in UTF-8
 * - the value, up to the end
 *
 * Numbers are little-endian. The offset is part of the LMDB key. The checksum is CRC-32 (as in zlib) over the bytes
 * that follow it and then the LMDB key, so it covers both the event and its place.
 *
 * Versions 1 and 2 have no checksum and stay readable forever. Version 1 has no traceparent, version 2 has one.
 */
const UNTRACED_VERSION = 1;
const TRACED_VERSION = 2;
/** Flipping one bit of this number never gives an older version, whose events have no checksum. */
const CHECKED_VERSION = 0x1c;
const CHECKSUM_BYTES = 4;
const LENGTHS_AT = 1 + CHECKSUM_BYTES;

/** Encodes an event. The checksum is empty: call `sealEvent` before storing it. */
export function encodeEvent(event: NewEvent): Buffer {
  const parts = [event.key, ...ATTRIBUTES.map((name) => Buffer.from(event[name]))];
  parts.push(Buffer.from(event.traceparent ?? ''));
  const head = Buffer.alloc(LENGTHS_AT + 2 * parts.length);
  head[0] = CHECKED_VERSION;
  for (const [i, part] of parts.entries()) head.writeUInt16LE(part.length, LENGTHS_AT + 2 * i);
  return Buffer.concat([head, ...parts, event.value]);
}

/** Writes the checksum of an event that is stored under `key`. */
export function sealEvent(bytes: Buffer, key: Buffer): void {
  bytes.writeUInt32LE(checksum(bytes, key), 1);
}

/**
 * Decodes an event. Its key and value are views of `bytes`.
 * @param key the LMDB key under which the event was found
 * @throws AppError `storage_corrupt` if the bytes are not what was stored under this key
 */
export function decodeEvent(bytes: Buffer, key: Uint8Array, offset: number): EventRecord {
  const version = bytes[0];
  if (version === UNTRACED_VERSION) return partsOf(bytes, 1, ATTRIBUTES.length + 1, offset);
  if (version === TRACED_VERSION) return partsOf(bytes, 1, ATTRIBUTES.length + 2, offset);
  if (version !== CHECKED_VERSION) {
    throw new AppError('storage_corrupt', `offset ${offset}: the event has unknown encoding ${version}`);
  }
  if (bytes.length < LENGTHS_AT || checksum(bytes, key) !== bytes.readUInt32LE(1)) {
    throw new AppError('storage_corrupt', `offset ${offset}: the event is not what was written, its checksum differs`);
  }
  return partsOf(bytes, LENGTHS_AT, ATTRIBUTES.length + 2, offset);
}

function checksum(bytes: Buffer, key: Uint8Array): number {
  return crc32(key, crc32(bytes.subarray(LENGTHS_AT)));
}

function partsOf(bytes: Buffer, lengthsAt: number, parts: number, offset: number): EventRecord {
  let at = lengthsAt + 2 * parts;
  const part = (i: number) => {
    const start = at;
    at += bytes.readUInt16LE(lengthsAt + 2 * i);
    return bytes.subarray(start, at);
  };
  const key = part(0);
  const [id = '', source = '', type = '', time = '', contentType = ''] = ATTRIBUTES.map((_, i) =>
    part(i + 1).toString(),
  );
  const traceparent = parts > ATTRIBUTES.length + 1 ? part(parts - 1).toString() : '';
  const traced = traceparent !== '' && { traceparent };
  return { offset, key, id, source, type, time, contentType, value: bytes.subarray(at), ...traced };
}
