import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent, type FetchedMessage } from '../../../src/adapters/kafka/event-message.ts';
import type { NewEvent } from '../../../src/model/event-record.ts';
import { event } from '../../support/events.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** As a broker hands it back. */
function fetched(one: NewEvent): FetchedMessage {
  const { key, value, headers = {} } = encodeEvent(one);
  const texts = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text as string)]);
  return { offset: '7', key: key as Buffer, value: value as Buffer, headers: Object.fromEntries(texts) };
}

function decoded(message: FetchedMessage) {
  const { key, value, ...rest } = decodeEvent(message);
  return { ...rest, key: Buffer.from(key), value: Buffer.from(value) };
}

describe('event as a Kafka message', () => {
  it('comes back with its attributes, and its trace where it has one', () => {
    for (const one of [event('a'), event('b', { traceparent: TRACEPARENT })]) {
      expect(decoded(fetched(one))).toStrictEqual({ ...one, offset: 7 });
    }
  });

  it('has its trace in the header of the distributed tracing extension', () => {
    expect(encodeEvent(event('a', { traceparent: TRACEPARENT })).headers).toMatchObject({
      ce_traceparent: TRACEPARENT,
    });
    expect(encodeEvent(event('a')).headers).not.toHaveProperty('ce_traceparent');
  });

  it('of another program lacks what is not there, or is there twice', () => {
    const message = fetched(event('a'));
    for (const value of [undefined, [Buffer.from('x'), Buffer.from('y')], null as never]) {
      const without = { ...message, headers: { ...message.headers, ce_type: value } };
      expect(decoded(without)).toStrictEqual({ ...event('a'), type: '', offset: 7 });
      const untraced = { ...message, headers: { ...message.headers, ce_traceparent: value } };
      expect(decoded(untraced)).toStrictEqual({ ...event('a'), offset: 7 });
    }
  });
});
