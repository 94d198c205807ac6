import { describe, expect, it } from 'vitest';
import { writeStoichiometricNorms } from '../../../src/kernels/composition/stoichiometric-norms.ts';

function norms(...amounts: number[]): number[] {
  const out = new Float64Array(6);
  writeStoichiometricNorms(Float64Array.from(amounts), out, 0);
  return Array.from(out);
}

describe('writeStoichiometricNorms', () => {
  it('counts the elements and measures how evenly they share the sites', () => {
    const half = [2, 3, 5, 7, 10].map((p) => 2 ** (1 / p) / 2);
    for (const [i, x] of norms(3, 3).entries()) expect(x).toBeCloseTo([2, ...half][i]!, 14);
  });

  it('is 1 throughout for a pure element', () => expect(norms(4)).toEqual([1, 1, 1, 1, 1, 1]));
});
