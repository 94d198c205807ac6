import { crc32 } from 'node:zlib';
import { ATTRIBUTES, type NewEvent } from '../model/event-record.ts';

const CHECKSUM_KIND = 'crc32:';

/**
 * CRC-32 (zlib's) over, in UTF-8 and separated by line feeds, the attributes id, source, type, time, content type and
 * traceparent (empty if absent) and the lengths of key and value; then over the key, then over the value. It protects
 * against faulty disks and memory, not against people.
 */
export function eventChecksum(event: NewEvent): string {
  const { key, value, traceparent = '' } = event;
  const texts = [...ATTRIBUTES.map((name) => event[name]), traceparent, key.length, value.length].join('\n');
  return `${CHECKSUM_KIND}${crc32(value, crc32(key, crc32(texts)))
    .toString(16)
    .padStart(8, '0')}`;
}

/** How the event differs from what was written; undefined if it does not differ or cannot be checked. */
export function eventDamage(event: NewEvent, written: string | undefined): string | undefined {
  // A checksum of another kind comes from a newer version.
  if (written?.startsWith(CHECKSUM_KIND) !== true) return undefined;
  const found = eventChecksum(event);
  return written === found ? undefined : `its checksum is ${found}, not ${written} (event ${event.id})`;
}
