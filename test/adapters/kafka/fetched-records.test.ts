import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { encodeEvent, type FetchedMessage } from '../../../src/adapters/kafka/event-message.ts';
import { fetchedRecords } from '../../../src/adapters/kafka/fetched-records.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { EventRecord, NewEvent } from '../../../src/model/event-record.ts';
import { event } from '../../support/events.ts';
import { encodedBatch } from '../../support/kafka/fake-broker.ts';
import { newLabelEvent } from '../../support/label-events.ts';

const inside = createRequire(import.meta.url);
const Decoder = inside('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeBatch = inside('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<{ records: readonly FetchedMessage[] }>;

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const AT = { topic: 'labels', partition: 3 };
const OFFSET_BYTES = 8;
const events: readonly NewEvent[] = [event('first'), newLabelEvent(), event('last', { traceparent: TRACEPARENT })];
const plain = ({ key, value, ...rest }: EventRecord) => ({ ...rest, key: [...key], value: [...value] });
const written = events.map((one, offset) => plain({ ...one, offset }));

/** What a reader gets of a batch as the broker keeps it. */
async function read(bytes: Buffer) {
  const { records: messages } = await decodeBatch(new Decoder(bytes));
  return fetchedRecords({ ...AT, from: 0, end: events.length, messages });
}

const unchecked = (one: NewEvent) => {
  const { headers, ...message } = encodeEvent(one);
  const { ce_checksum: _, ...older } = headers!;
  return { ...message, headers: older };
};

describe('what a broker gives', () => {
  it('is read with its checksum, and without one as older versions wrote it', async () => {
    for (const encode of [encodeEvent, unchecked]) {
      const { records, next } = await read(await encodedBatch(events.map(encode)));
      expect(records.map(plain)).toEqual(written);
      expect(next).toBe(events.length);
    }
  });

  it('is never used with any bit of it flipped: nothing changed, nothing left out', async () => {
    const bytes = await encodedBatch(events.map(encodeEvent));
    let [refused, harmless] = [0, 0];
    for (let bit = 8 * OFFSET_BYTES; bit < 8 * bytes.length; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const found = await read(flipped).catch((error: unknown) => error);
      if (found instanceof Error) refused++;
      else {
        // In a timestamp, a checksum's name, the batch's own checksum.
        harmless++;
        const { records, next } = found as Awaited<ReturnType<typeof read>>;
        expect([bit, records.map(plain)]).toEqual([bit, written]);
        expect(next).toBe(events.length);
      }
    }
    expect(refused).toBeGreaterThan(4 * harmless);
  });

  it('stops with place, difference and remedy where 80.125 GPa became 40.0625', async () => {
    const bytes = await encodedBatch(events.map(encodeEvent));
    const number = Buffer.alloc(8);
    number.writeDoubleLE(80.125);
    const at = bytes.indexOf(number);
    bytes.writeDoubleLE(40.0625, at);
    expect(at).toBeGreaterThan(0);
    const error = await read(bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      ...{ code: 'storage_corrupt', retryable: false },
      message: expect.stringMatching(
        /^labels partition 3 offset 1: the event is not what was written, its checksum is crc32:\w{8}, not crc32:\w{8} \(event h1:.+kafka-leader-election/,
      ),
    });
  });

  it('has offsets that go on from the one that was asked for', async () => {
    const { records: messages } = await decodeBatch(new Decoder(await encodedBatch(events.map(encodeEvent))));
    const corrupt = expect.objectContaining({ code: 'storage_corrupt' });
    expect(() => fetchedRecords({ ...AT, from: 3, end: 9, messages })).toThrow(corrupt);
    expect(() => fetchedRecords({ ...AT, from: 0, end: 2, messages })).toThrow(corrupt);
    expect(() => fetchedRecords({ ...AT, from: 0, end: 9, messages: messages.toReversed() })).toThrow(corrupt);
    expect(fetchedRecords({ ...AT, from: 2, end: 9, messages }).records).toHaveLength(1);
    expect(fetchedRecords({ ...AT, from: 2, end: 9, messages: [] })).toEqual({ records: [], next: 2 });
  });

  it('is not read beyond the end that the answer names, which may have grown while the broker read', async () => {
    const batch = async (offset: number) => {
      const bytes = await encodedBatch(events.map(encodeEvent));
      bytes.writeBigInt64BE(BigInt(offset));
      return (await decodeBatch(new Decoder(bytes))).records;
    };
    const [first, second] = [await batch(0), await batch(3)];
    const offsets = (from: number, end: number, messages: readonly FetchedMessage[]) => {
      const { records, next } = fetchedRecords({ ...AT, from, end, messages });
      return [records.map(({ offset }) => offset), next];
    };
    expect(offsets(0, 3, [...first, ...second])).toEqual([[0, 1, 2], 3]);
    expect(offsets(3, 3, second)).toEqual([[], 3]);
    expect(offsets(3, 6, second)).toEqual([[3, 4, 5], 6]);
    // Offset 3 of 4 must exist: this batch has another offset than was written.
    expect(() => offsets(3, 4, second)).toThrow(/partition 3 offset 3: .*offset 5, beyond the end at 4/);
  });

  it('of a checksum of a newer kind is read', () => {
    const { key, value, headers } = encodeEvent(event('new')) as unknown as FetchedMessage;
    const message = { offset: '0', key, value, headers: { ...headers, ce_checksum: 'sha512:00' } };
    expect(fetchedRecords({ ...AT, from: 0, end: 1, messages: [message] }).records).toHaveLength(1);
  });
});
