import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tessellate } from '../../../src/kernels/voronoi/tessellate.ts';
import type { Structure } from '../../../src/model/structure.ts';
import { CRYSTALS, inOtherVectors } from '../../support/crystals.ts';
import { nearlySymmetricCrystals, randomCells, slabs, unimodulars } from '../../support/random-crystals.ts';
import { validateTessellation } from '../../support/tessellation-oracle.ts';

const faultsOf = (structure: Structure) => validateTessellation(structure, tessellate(structure));

describe('tessellate', () => {
  it.each(Object.entries(CRYSTALS))('%s', (_, { structure }) => expect(faultsOf(structure)).toEqual([]));

  it.each([
    ['random cells', randomCells],
    ['crystals of high symmetry with noise', nearlySymmetricCrystals],
    ['slabs in vacuum', slabs],
  ] as const)('%s, in any lattice vectors', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, unimodulars, (structure, vectors) => {
        expect(faultsOf(structure)).toEqual([]);
        expect(faultsOf(inOtherVectors(structure, vectors))).toEqual([]);
      }),
      { numRuns: Number(process.env.RUNS ?? 1000) },
    );
  });
});
