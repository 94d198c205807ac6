import { AppError } from '../../model/app-error.ts';
import { ATTRIBUTES, type EventRecord, type NewEvent } from '../../model/event-record.ts';

/*
 * An event's bytes: the codec's version, the lengths of the key and of the five attributes (u16 little-endian each),
 * key, attributes in UTF-8, value to the end. The offset stands in the key.
 * Version 2 has a sixth attribute, `traceparent`; events without it are still written in version 1, byte by byte as ever.
 */
const CODEC_VERSION = 1;
const TRACED_CODEC_VERSION = 2;

export function encodeEvent(event: NewEvent): Buffer {
  const parts = [event.key, ...ATTRIBUTES.map((name) => Buffer.from(event[name]))];
  if (event.traceparent !== undefined) parts.push(Buffer.from(event.traceparent));
  const head = Buffer.allocUnsafe(headBytes(parts.length));
  head[0] = event.traceparent === undefined ? CODEC_VERSION : TRACED_CODEC_VERSION;
  for (const [i, part] of parts.entries()) head.writeUInt16LE(part.length, 1 + 2 * i);
  return Buffer.concat([head, ...parts, event.value]);
}

/** Key and value are views of `bytes`. */
export function decodeEvent(bytes: Buffer, offset: number): EventRecord {
  const isTraced = bytes[0] === TRACED_CODEC_VERSION;
  if (!isTraced && bytes[0] !== CODEC_VERSION) {
    throw new AppError('storage_corrupt', `the event at offset ${offset} has unknown encoding ${bytes[0]}`);
  }
  let at = headBytes(1 + ATTRIBUTES.length + (isTraced ? 1 : 0));
  const part = (i: number) => {
    const start = at;
    at += bytes.readUInt16LE(1 + 2 * i);
    return bytes.subarray(start, at);
  };
  const key = part(0);
  const [id = '', source = '', type = '', time = '', contentType = ''] = ATTRIBUTES.map((_, i) =>
    part(i + 1).toString(),
  );
  const traced = isTraced && { traceparent: part(1 + ATTRIBUTES.length).toString() };
  return { offset, key, id, source, type, time, contentType, value: bytes.subarray(at), ...traced };
}

function headBytes(parts: number): number {
  return 1 + 2 * parts;
}
