import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent, sealEvent } from '../../../src/adapters/lmdb/event-codec.ts';
import { eventKey } from '../../../src/adapters/lmdb/keys.ts';
import type { NewEvent } from '../../../src/model/event-record.ts';
import { event } from '../../support/events.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
/** Written by the code as it was before there were traces: `event('old', { key: 'k', value: 'v' })`. */
const OLD =
  '01010003000f00130018001400' +
  Buffer.from('kold/elastream/testelastream.v1.Tested2026-01-02T03:04:05.678Zapplication/protobufv').toString('hex');

/** The same with a trace, of the version that had them first. */
const OLD_TRACED =
  '02010003000f001300180014003700' +
  Buffer.from(
    `kold/elastream/testelastream.v1.Tested2026-01-02T03:04:05.678Zapplication/protobuf${TRACEPARENT}v`,
  ).toString('hex');

describe("event's bytes in LMDB", () => {
  const old = event('old', { key: Buffer.from('k'), type: 'elastream.v1.Tested', value: Buffer.from('v') });
  const key = eventKey(2, 3, 7);
  const sealed = (one: NewEvent) => {
    const bytes = encodeEvent(one);
    sealEvent(bytes, key);
    return bytes;
  };
  const corrupt = expect.objectContaining({ code: 'storage_corrupt' });

  it('are read as older versions wrote them', () => {
    expect(decodeEvent(Buffer.from(OLD, 'hex'), key, 7)).toStrictEqual({ ...old, offset: 7 });
    const traced = { ...old, traceparent: TRACEPARENT, offset: 7 };
    expect(decodeEvent(Buffer.from(OLD_TRACED, 'hex'), key, 7)).toStrictEqual(traced);
  });

  it('hold all of it, with a trace and without', () => {
    for (const one of [old, { ...old, traceparent: TRACEPARENT }]) {
      expect(decodeEvent(sealed(one), key, 7)).toStrictEqual({ ...one, offset: 7 });
    }
  });

  it('are refused with any bit flipped, cut off, at another place, and in another version', () => {
    const bytes = sealed({ ...old, traceparent: TRACEPARENT });
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodeEvent(flipped, key, 7)).toThrow(corrupt);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeEvent(bytes.subarray(0, length), key, 7)).toThrow(corrupt);
    }
    for (const other of [eventKey(2, 3, 8), eventKey(2, 4, 7), eventKey(1, 3, 7)]) {
      expect(() => decodeEvent(bytes, other, 7)).toThrow(corrupt);
    }
    bytes[0] = 3;
    expect(() => decodeEvent(bytes, key, 7)).toThrow(corrupt);
  });
});
