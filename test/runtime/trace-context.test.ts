import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTraceScope, formatTraceparent, parseTraceparent } from '../../src/runtime/trace-context.ts';
import { createSeededRandom } from '../support/simulation/seeded-random.ts';

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const id = (digits: number) => hex(digits).filter((text) => !/^0+$/.test(text));
const trace = fc.record({ traceId: id(32), spanId: id(16), isSampled: fc.boolean() });
/** The example of the specification. */
const KNOWN = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('traceparent', () => {
  it('is read as W3C Trace Context writes it', () => {
    expect(parseTraceparent(KNOWN)).toEqual({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      isSampled: true,
    });
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(trace, (one) => {
        expect(parseTraceparent(formatTraceparent(one))).toEqual(one);
      }),
    );
  });

  it('may have flags that version 00 does not know, which are not passed on', () => {
    fc.assert(
      fc.property(trace, hex(2), ({ traceId, spanId }, flags) => {
        const parsed = parseTraceparent(`00-${traceId}-${spanId}-${flags}`);
        const isSampled = Number.parseInt(flags, 16) % 2 === 1;
        expect(parsed).toEqual({ traceId, spanId, isSampled });
        expect(formatTraceparent(parsed!)).toBe(`00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`);
      }),
    );
  });

  it('with anything else in it is none', () => {
    const change = fc.tuple(fc.nat(KNOWN.length - 1), fc.string({ maxLength: 2 }));
    fc.assert(
      fc.property(change, ([at, text]) => {
        const changed = KNOWN.slice(0, at) + text + KNOWN.slice(at + 1);
        const isLawful = /^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(changed);
        expect(parseTraceparent(changed) !== undefined).toBe(isLawful);
      }),
    );
    for (const wrong of [
      '',
      KNOWN.toUpperCase(),
      `${KNOWN}\n`,
      `${KNOWN}-00`,
      KNOWN.replace(/^00/, '01'),
      KNOWN.replace(/^00/, 'ff'),
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    ]) {
      expect(parseTraceparent(wrong), wrong).toBeUndefined();
    }
  });
});

describe('trace scope', () => {
  it('follows work through its awaits, and keeps works side by side apart', async () => {
    const scope = createTraceScope(createSeededRandom(1));
    const work = () =>
      scope.within(scope.begin(), async () => {
        const begun = scope.current();
        await setImmediate();
        expect(scope.current()).toBe(begun);
        return begun!.traceId;
      });
    expect(new Set(await Promise.all([work(), work(), work()])).size).toBe(3);
    expect(scope.current()).toBeUndefined();
  });

  it('continues a trace in a span of its own', async () => {
    const scope = createTraceScope(createSeededRandom(1));
    const parent = { ...parseTraceparent(KNOWN)!, isSampled: false };
    const span = await scope.within(scope.begin(parent), async () => scope.current()!);
    expect(span).toMatchObject({ traceId: parent.traceId, isSampled: false });
    expect(span.spanId).not.toBe(parent.spanId);
    expect(parseTraceparent(formatTraceparent(span))).toEqual(span);
  });

  it('records the part of the traces that it is told', () => {
    const scope = createTraceScope(createSeededRandom(1), 0.25);
    const sampled = Array.from({ length: 1000 }, () => scope.begin()).filter(({ isSampled }) => isSampled);
    expect(sampled.length).toBeGreaterThan(200);
    expect(sampled.length).toBeLessThan(300);
    expect(scope.begin(sampled[0]).isSampled).toBe(true);
  });

  it('draws again where chance gives zeros, which are no id', () => {
    const draws = [new Uint8Array(16), new Uint8Array(16).fill(7), new Uint8Array(8), new Uint8Array(8).fill(9)];
    const scope = createTraceScope({ uniform: () => 0, bytes: () => draws.shift()! });
    expect(scope.begin()).toEqual({ traceId: '07'.repeat(16), spanId: '09'.repeat(8), isSampled: true });
  });
});
