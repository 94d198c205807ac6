import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIds } from '../../src/model/id-order.ts';

const wellFormed = fc.string({ unit: 'binary', maxLength: 6 });

describe('compareIds', () => {
  it('is the order of the UTF-8 bytes', () => {
    const few = fc.string({
      unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\uff61', '😀', '\u{10ffff}'),
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.oneof(few, wellFormed), fc.oneof(few, wellFormed), (a, b) => {
        expect(Math.sign(compareIds(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2000 },
    );
  });

  it("differs from JavaScript's own order", () => {
    expect('😀' < '｡').toBe(true);
    expect(compareIds('😀', '｡')).toBeGreaterThan(0);
  });
});
