import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseReserve } from '../../../src/learning/data/reserve.ts';
import { materialName } from '../../support/catalogues.ts';

const ids = Array.from({ length: 60 }, (_, i) => materialName(i));

describe('chooseReserve', () => {
  it('draws as many as are wanted, and none where there is to be none', () => {
    expect(chooseReserve(ids, { count: 7 }, 1)).toHaveLength(7);
    expect(chooseReserve(ids, { count: 99 }, 1)).toHaveLength(60);
    expect(chooseReserve(ids, { fraction: 0.25 }, 1)).toHaveLength(15);
    expect(chooseReserve(ids, undefined, 1)).toEqual([]);
  });

  it('depends on the seed, and not on the order of the materials', () => {
    const drawn = chooseReserve(ids, { count: 20 }, 1);
    const shuffled = fc.shuffledSubarray(ids, { minLength: ids.length });
    fc.assert(fc.property(shuffled, (other) => chooseReserve(other, { count: 20 }, 1).join() === drawn.join()));
    expect(chooseReserve(ids, { count: 20 }, 2)).not.toEqual(drawn);
  });

  it('loses at most one to one more material', () => {
    const drawn = chooseReserve(ids.slice(1), { count: 20 }, 1);
    const again = new Set(chooseReserve(ids, { count: 20 }, 1));
    expect(drawn.filter((id) => !again.has(id)).length).toBeLessThanOrEqual(1);
  });
});
