import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEvent } from '../../../src/adapters/kafka/event-message.ts';
import { BATCH_BYTES_MAX, fitting, sized } from '../../../src/adapters/kafka/record-batch.ts';
import { EVENT_BYTES_MAX, eventBytes, type NewEvent } from '../../../src/model/event-record.ts';
import { event } from '../../support/events.ts';
import { encodedBytes } from '../../support/kafka/fake-broker.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const attribute = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  // Beyond the lengths whose own length takes another byte.
  fc.constantFrom(1, 62, 63, 64, 65, 1023, 1024).map((length) => 'x'.repeat(length)),
);
const bytes = fc.constantFrom(0, 1, 62, 63, 64, 65, 8190, 8191, 8192, 8193, 20_000).map((n) => new Uint8Array(n));
const anyEvent: fc.Arbitrary<NewEvent> = fc.record(
  {
    key: fc.uint8Array({ maxLength: 200 }),
    ...{ id: attribute, source: attribute, type: attribute, time: attribute, contentType: attribute },
    value: fc.oneof(bytes, fc.uint8Array({ maxLength: 300 })),
    traceparent: fc.constant(TRACEPARENT),
  },
  { requiredKeys: ['key', 'id', 'source', 'type', 'time', 'contentType', 'value'] },
);

describe('the size of a record batch', () => {
  it('is that of what kafkajs makes of it, to the byte', async () => {
    const batches = fc.tuple(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), fc.constantFrom(1, 9, 64, 65, 700));
    await fc.assert(
      fc.asyncProperty(batches, async ([some, copies]) => {
        const messages = Array.from({ length: copies }, () => some.map(encodeEvent)).flat();
        const whole = fitting(messages.map(sized), Number.POSITIVE_INFINITY);
        expect(whole).toEqual({ count: messages.length, bytes: await encodedBytes(messages) });
      }),
      { numRuns: 25 },
    );
  });

  it('counts offsets of two and of three bytes', async () => {
    const messages = Array.from({ length: 9000 }, (_, i) => encodeEvent(event(`e${i}`)));
    for (const count of [64, 65, 8192, 8193]) {
      const some = messages.slice(0, count);
      expect(fitting(some.map(sized), Number.POSITIVE_INFINITY).bytes).toBe(await encodedBytes(some));
    }
  });

  it('is as great as it may be, and not greater', () => {
    const messages = Array.from({ length: 500 }, (_, i) => sized(encodeEvent(event(`e${i}`))));
    for (let bytesMax = 0; bytesMax < 70_000; bytesMax += 37) {
      const { count, bytes } = fitting(messages, bytesMax);
      expect(bytes <= bytesMax || count === 1).toBe(true);
      if (count < messages.length) {
        expect(fitting(messages.slice(0, count + 1), Number.POSITIVE_INFINITY).bytes).toBeGreaterThan(bytesMax);
      }
    }
  });

  it('leaves room for the greatest event, however it is divided', () => {
    const long = 'x'.repeat(1024);
    const attributes = { id: long, source: long, type: long, time: long, contentType: long, traceparent: TRACEPARENT };
    for (const change of [attributes, { traceparent: TRACEPARENT }]) {
      const bare = { ...event('big', change), key: new Uint8Array(1024), value: new Uint8Array(0) };
      const greatest = { ...bare, value: new Uint8Array(EVENT_BYTES_MAX - eventBytes(bare)) };
      expect(eventBytes(greatest)).toBe(EVENT_BYTES_MAX);
      expect(fitting([sized(encodeEvent(greatest))], 0).bytes).toBeLessThanOrEqual(BATCH_BYTES_MAX);
    }
  });
});
