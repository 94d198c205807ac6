import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent } from '../../../src/adapters/lmdb/event-codec.ts';
import { event } from '../../support/events.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
/** Written by the code as it was before there were traces: `event('old', { key: 'k', value: 'v' })`. */
const OLD =
  '01010003000f00130018001400' +
  Buffer.from('kold/elastream/testelastream.v1.Tested2026-01-02T03:04:05.678Zapplication/protobufv').toString('hex');

describe("event's bytes in LMDB", () => {
  const old = event('old', { key: Buffer.from('k'), value: Buffer.from('v') });

  it('are as ever without a trace', () => {
    expect(encodeEvent(old).toString('hex')).toBe(OLD);
    expect(decodeEvent(Buffer.from(OLD, 'hex'), 5)).toStrictEqual({ ...old, offset: 5 });
  });

  it('hold a trace beside all else', () => {
    const traced = { ...old, traceparent: TRACEPARENT };
    expect(decodeEvent(encodeEvent(traced), 6)).toStrictEqual({ ...traced, offset: 6 });
  });

  it('of another version are refused', () => {
    const bytes = encodeEvent(old);
    bytes[0] = 3;
    expect(() => decodeEvent(bytes, 7)).toThrow(expect.objectContaining({ code: 'storage_corrupt' }));
  });
});
