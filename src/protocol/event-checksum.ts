import { crc32 } from 'node:zlib';
import { ATTRIBUTES, type NewEvent } from '../model/event-record.ts';

const CHECKSUM_KIND = 'crc32:';

/**
 * CRC-32 (of zlib) over the attributes id, source, type, time, content type and traceparent (empty where there is none)
 * and the lengths of key and value, in UTF-8, a line feed between two; then the key, then the value. It is against disks
 * and memory, not against people.
 */
export function eventChecksum(event: NewEvent): string {
  const { key, value, traceparent = '' } = event;
  const texts = [...ATTRIBUTES.map((name) => event[name]), traceparent, key.length, value.length].join('\n');
  return `${CHECKSUM_KIND}${crc32(value, crc32(key, crc32(texts)))
    .toString(16)
    .padStart(8, '0')}`;
}

/** How the event differs from what was written; undefined where it does not, or nobody can tell. */
export function eventDamage(event: NewEvent, written: string | undefined): string | undefined {
  // Another kind is a newer version's.
  if (written?.startsWith(CHECKSUM_KIND) !== true) return undefined;
  const found = eventChecksum(event);
  return written === found ? undefined : `its checksum is ${found}, not ${written} (event ${event.id})`;
}
