import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisScale } from '../../../src/report/charts/axis-scale.ts';

const texts = (values: readonly number[], options = {}) => axisScale(values, options).ticks.map(({ text }) => text);

describe('axisScale', () => {
  it.each<[string, number[], object, string[]]>([
    ['an ordinary range', [11.3, 14.8], {}, ['11', '12', '13', '14', '15']],
    ['thousands', [0, 2400], {}, ['0', '500', '1,000', '1,500', '2,000', '2,500']],
    ['fractions', [0.1, 0.3], {}, ['0.10', '0.15', '0.20', '0.25', '0.30']],
    ['few whole numbers', [0, 2], { whole: true }, ['0', '1', '2']],
    ['a range to be begun at zero', [30, 80], { fromZero: true }, ['0', '20', '40', '60', '80']],
    ['negative values', [-12, 90], { fromZero: true }, ['\u221250', '0', '50', '100']],
    ['nothing', [], { intervals: 2 }, ['0.0', '0.5', '1.0']],
    ['nothing known', [Number.NaN, Number.POSITIVE_INFINITY], { intervals: 2 }, ['0.0', '0.5', '1.0']],
    ['one value', [10], {}, ['9.0', '9.5', '10.0', '10.5', '11.0']],
    ['zero alone', [0, 0], { whole: true }, ['0', '1']],
  ])('ticks %s', (_, values, options, expected) => expect(texts(values, options)).toEqual(expected));

  it('ends where the data does, if told', () => {
    const { from, to, ticks } = axisScale([0, 123], { tight: true });
    expect([from, to, ticks.map(({ value }) => value)]).toEqual([0, 123, [0, 50, 100]]);
  });

  it('spans all finite values with few, ascending, different ticks', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noDefaultInfinity: true });
    const options = fc.record(
      { whole: fc.boolean(), fromZero: fc.boolean(), tight: fc.boolean() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(value), options, (values, chosen) => {
        const { from, to, ticks } = axisScale(values, chosen);
        expect(from).toBeLessThan(to);
        for (const known of values.filter(Number.isFinite)) {
          // What cannot be seen on an axis of this length: a tick's rounding, and the share of a step left off.
          const slack = 1e-8 * Math.max(1, Math.abs(known), to - from);
          expect(known).toBeGreaterThanOrEqual(from - slack);
          expect(known).toBeLessThanOrEqual(to + slack);
        }
        expect(ticks.length).toBeLessThanOrEqual(8);
        expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
        ticks.forEach(({ value: here }, i) => {
          if (i > 0) expect(here).toBeGreaterThan(ticks[i - 1]!.value);
        });
      }),
      { examples: [[[-50.00000003298956, 1.7010439279374626e-8], {}]] },
    );
  });
});
