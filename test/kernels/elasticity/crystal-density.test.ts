import { describe, expect, it } from 'vitest';
import { crystalDensity } from '../../../src/kernels/elasticity/crystal-density.ts';
import { createLattice } from '../../../src/model/lattice.ts';
import { createStructure } from '../../../src/model/structure.ts';

const A = 4.38;

describe('crystalDensity', () => {
  it('equals that of pymatgen 2026.10.24 for zincblende SiC, whichever cell is given', () => {
    const primitive = createLattice([0, A / 2, A / 2, A / 2, 0, A / 2, A / 2, A / 2, 0]);
    const doubled = createLattice([0, A, A, A / 2, 0, A / 2, A / 2, A / 2, 0]);
    const one = crystalDensity(createStructure(primitive, [14, 6], [0, 0, 0, 0.25, 0.25, 0.25]));
    const two = crystalDensity(
      createStructure(doubled, [14, 6, 14, 6], [0, 0, 0, 0.125, 0.25, 0.25, 0.5, 0, 0, 0.625, 0.25, 0.25]),
    );
    expect(Math.abs(one.gramPerCm3 / 3.1694942882735146 - 1)).toBeLessThan(1e-9);
    expect(one.atomsPerCubicAngstrom).toBeCloseTo(0.09520673142057298, 14);
    expect(two.gramPerCm3).toBeCloseTo(one.gramPerCm3, 12);
    expect(two.atomsPerCubicAngstrom).toBeCloseTo(one.atomsPerCubicAngstrom, 14);
  });
});
