import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareRanked,
  mergeTop,
  type Ranked,
  TopCandidates,
} from '../../../src/learning/acquisition/top-candidates.ts';

/** Few scores, so that ties are the rule. */
const ranked = fc.record({
  id: fc.string({ unit: 'binary', maxLength: 4 }),
  score: fc.constantFrom(-1, -0, 0, 0.5, 1, 2),
});
const pool = fc.uniqueArray(ranked, { maxLength: 80, selector: ({ id }) => id });

function topOf(candidates: readonly Ranked[], k: number): Ranked[] {
  const top = new TopCandidates(k);
  for (const candidate of candidates) top.offer(candidate);
  return top.best();
}

describe('TopCandidates', () => {
  it('is the beginning of the sorted pool, whatever the order of arrival', () => {
    fc.assert(
      fc.property(pool, fc.nat(20), (all, k) => {
        const sorted = all.toSorted(compareRanked).slice(0, k);
        expect(topOf(all, k)).toEqual(sorted);
        expect(topOf(all.toReversed(), k)).toEqual(sorted);
      }),
    );
  });

  it('breaks ties by id bytes', () => {
    const tied = ['｡', '😀', 'b', 'B'].map((id) => ({ id, score: 1 }));
    expect(topOf(tied, 4).map(({ id }) => id)).toEqual(['B', 'b', '｡', '😀']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the score %d', (score) => {
    expect(() => topOf([{ id: 'a', score }], 1)).toThrow(RangeError);
  });
});

describe('mergeTop', () => {
  it('is the global choice for any number and order of partitions', () => {
    const partitioned = fc.tuple(pool, fc.array(fc.nat(7), { minLength: 80, maxLength: 80 }), fc.nat(20));
    fc.assert(
      fc.property(partitioned, ([all, owner, k]) => {
        const partitions = Array.from({ length: 8 }, (_, p) =>
          topOf(
            all.filter((_, i) => owner[i] === p),
            k,
          ),
        );
        expect(mergeTop(partitions, k)).toEqual(topOf(all, k));
        expect(mergeTop(partitions.toReversed(), k)).toEqual(topOf(all, k));
      }),
    );
  });

  it('refuses an id that two partitions rank', () => {
    const one = [{ id: 'a', score: 1 }];
    expect(() => mergeTop([one, one], 2)).toThrow(/two partitions/);
  });
});
