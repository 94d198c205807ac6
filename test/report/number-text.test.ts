import { describe, expect, it } from 'vitest';
import { count, fixed, plural, plusMinus } from '../../src/report/number-text.ts';

describe('numbers of the report', () => {
  it.each([
    [12.345, 2, '12.35'],
    [1234567.891, 2, '1,234,567.89'],
    [999.999, 2, '1,000.00'],
    [-1234, 0, '\u22121,234'],
    [-0.001, 2, '0.00'],
    [0, 0, '0'],
    [Number.NaN, 2, 'n/a'],
    [Number.NEGATIVE_INFINITY, 2, 'n/a'],
    [undefined, 2, 'n/a'],
  ])('writes %s with %i digits as %s', (value, digits, text) => expect(fixed(value, digits)).toBe(text));

  it('writes spreads where they are known', () => {
    expect(plusMinus(12.1, 0.314, 2)).toBe('12.10 \u00b1 0.31');
    expect(plusMinus(12.1, Number.NaN, 2)).toBe('12.10');
    expect(plusMinus(Number.NaN, 0.3, 2)).toBe('n/a');
  });

  it('counts', () => {
    expect(count(12361)).toBe('12,361');
    expect([0, 1, 2000].map((n) => plural(n, 'label'))).toEqual(['0 labels', '1 label', '2,000 labels']);
  });
});
