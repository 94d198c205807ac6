import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondsLeft } from '../../src/text/time-left.ts';

describe('secondsLeft', () => {
  it('knows nothing before the first round has begun', () => {
    expect(secondsLeft({ finished: [], elapsed: 1, fraction: 0, roundsAfter: 9 })).toBeUndefined();
  });

  it('takes the first round as the measure of all', () => {
    expect(secondsLeft({ finished: [], elapsed: 3, fraction: 0.5, roundsAfter: 2 })).toBeCloseTo(15);
  });

  it('continues rounds that grow along their line', () => {
    // 4, 5, 6 s; the fourth takes 7, half of it is left; then 8, 9, 10.
    expect(secondsLeft({ finished: [4, 5, 6], elapsed: 3.5, fraction: 0.5, roundsAfter: 3 })).toBeCloseTo(30.5);
  });

  it('does not take a slow first round for a trend', () => {
    expect(secondsLeft({ finished: [8, 4], elapsed: 0, fraction: 0, roundsAfter: 1 })).toBeCloseTo(12);
    expect(secondsLeft({ finished: [9, 4, 4, 4], elapsed: 0, fraction: 0, roundsAfter: 0 })).toBeCloseTo(5.25);
  });

  it('is never negative, and ends at 0', () => {
    const seconds = fc.double({ min: 0.001, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(seconds, { minLength: 1 }),
        seconds,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(100),
        (finished, elapsed, fraction, roundsAfter) => {
          expect(secondsLeft({ finished, elapsed, fraction, roundsAfter })).toBeGreaterThanOrEqual(0);
          expect(secondsLeft({ finished, elapsed, fraction: 1, roundsAfter: 0 })).toBe(0);
        },
      ),
    );
  });
});
