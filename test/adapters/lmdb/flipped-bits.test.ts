import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { openEventLog, openEventLogReader } from '../../../src/adapters/lmdb/event-log.ts';
import type { AppError } from '../../../src/model/app-error.ts';
import type { EventRecord } from '../../../src/model/event-record.ts';
import { collected, event } from '../../support/events.ts';
import { newLabelEvent } from '../../support/label-events.ts';

const AT = { topic: 'labels', partition: 0 };
/** Of a key in front of its event: kind, topic, partition, offset. */
const KEY_BYTES = 11;

it('an event of which the disk has flipped any bit is never read: it stops with place and remedy', async () => {
  const { path, remove } = scratchDirectory();
  const log = openEventLog({ directory: path });
  await log.declare([{ name: AT.topic, partitions: 2 }]);
  await log.append(AT, [event('first'), newLabelEvent(), event('last')]);
  await log.close();
  const file = join(path, 'data.mdb');
  const bytes = readFileSync(file);
  const { id, value } = newLabelEvent();
  // Codec, checksum and lengths, then the event's own key.
  const start = bytes.indexOf(`mp-1${id}`) - 19 - KEY_BYTES;
  const end = bytes.indexOf(value, start) + value.length;
  expect(end - start).toBeGreaterThan(300);

  const reader = openEventLogReader({ directory: path });
  const plain = ({ key, value, ...rest }: EventRecord) => ({ ...rest, key: [...key], value: [...value] });
  const read = async () =>
    (await collected(reader.read([{ ...AT, from: 0, to: 3 }]))).flatMap(({ records }) => records.map(plain));
  const written = await read();
  expect(written.map((one) => one.id)).toEqual(['first', id, 'last']);
  // The file is mapped: what is written to it is read at once.
  const descriptor = openSync(file, 'r+');
  const messages = new Set<string>();
  for (let bit = 8 * start; bit < 8 * end; bit++) {
    writeSync(descriptor, Buffer.of(bytes[bit >> 3]! ^ (1 << (bit & 7))), 0, 1, bit >> 3);
    const found = await read().catch((error: unknown) => error);
    writeSync(descriptor, bytes, bit >> 3, 1, bit >> 3);
    // A key out of order may make the log look shorter; what is read is still what was written.
    const isKey = bit < 8 * (start + KEY_BYTES);
    if (isKey && Array.isArray(found)) expect(found).toEqual(written.slice(0, found.length));
    else expect([bit - 8 * start, (found as AppError).code]).toEqual([bit - 8 * start, 'storage_corrupt']);
    messages.add(String(found));
  }
  closeSync(descriptor);
  expect(await read()).toEqual(written);
  expect([...messages].join('\n')).toMatch(
    /labels partition 0 offset 1: the event is not what was written, its checksum differs: .+restore the directory/,
  );
  await reader.close();
  await remove();
});
