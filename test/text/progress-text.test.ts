import { describe, expect, it } from 'vitest';
import { bar, duration, grouped } from '../../src/text/progress-text.ts';

describe('bar', () => {
  it('fills the columns, up to its own limit', () => {
    expect(bar(0.5, 12)).toBe('[=====     ]');
    expect(bar(0.5, 100)).toBe(`[${'='.repeat(15)}${' '.repeat(15)}]`);
    expect([bar(-1, 7), bar(2, 7), bar(0.5, 6)]).toEqual(['[     ]', '[=====]', undefined]);
  });
});

describe('duration', () => {
  it('grows to hours', () => {
    expect([0, 7_400, 754_000, 7_384_000].map(duration)).toEqual(['0:00', '0:07', '12:34', '2:03:04']);
  });
});

describe('grouped', () => {
  it('groups thousands', () => {
    expect([grouped(999), grouped(1000.4), grouped(1234567)]).toEqual(['999', '1,000', '1,234,567']);
  });
});
