import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../../../src/kernels/calibration/random-words.ts';
import { conformalCountMin, conformalQuantile } from '../../../src/kernels/calibration/split-conformal.ts';

const oneTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const scores = fc.array(fc.double({ min: 0, noNaN: true }), { maxLength: 60 });
const level = fc.constantFrom(0.5, 0.68, 0.9, 0.95);

describe('conformalQuantile', () => {
  it('has the known values', () => {
    expect(conformalQuantile(oneTo(9), 0.8)).toBe(8);
    expect(conformalQuantile(oneTo(9), 0.95)).toBe(Infinity);
    expect(conformalQuantile(oneTo(19), 0.95)).toBe(19);
    expect(conformalQuantile(oneTo(24), 0.68)).toBe(17);
    expect(conformalQuantile([], 0.5)).toBe(Infinity);
  });

  it('is the smallest score that enough of the scores do not exceed, whatever their order', () => {
    fc.assert(
      fc.property(scores, level, (some, at) => {
        const found = conformalQuantile(some, at);
        const needed = Math.ceil((some.length + 1) * at - 1e-9);
        const enough = some.filter((score) => some.filter((other) => other <= score).length >= needed);
        expect(found).toBe(Math.min(...enough));
        expect(conformalQuantile(some.toReversed(), at)).toBe(found);
      }),
    );
  });

  it('covers a further score at each level, on average over many draws', () => {
    const next = randomWords(7);
    for (const at of [0.68, 0.9, 0.95]) {
      let inside = 0;
      for (let trial = 0; trial < 4000; trial++) {
        const drawn = Array.from({ length: 30 }, () => next());
        if (next() <= conformalQuantile(drawn, at)) inside++;
      }
      const exact = Math.ceil(31 * at - 1e-9) / 31;
      expect(Math.abs(inside / 4000 - exact)).toBeLessThan(4 * Math.sqrt((at * (1 - at)) / 4000));
    }
  });

  it('takes neither NaN nor a level that is none', () => {
    expect(() => conformalQuantile([1, Number.NaN], 0.5)).toThrow(RangeError);
    expect(() => conformalQuantile([1], 1)).toThrow(RangeError);
  });
});

it('conformalCountMin is where the quantile becomes finite', () => {
  expect([0.95, 0.9, 0.68].map(conformalCountMin)).toEqual([19, 9, 3]);
  for (const at of [0.95, 0.9, 0.68]) {
    const n = conformalCountMin(at);
    expect(conformalQuantile(oneTo(n), at)).toBe(n);
    expect(conformalQuantile(oneTo(n - 1), at)).toBe(Infinity);
  }
});
