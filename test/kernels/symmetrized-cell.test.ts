import { describe, expect, it } from 'vitest';
import { freeCoordinates } from '../../src/kernels/elasticity/representative-strains.ts';
import { symmetrizedCell } from '../../src/kernels/symmetrized-cell.ts';
import { determinant3, multiply3 } from '../../src/model/lattice.ts';
import { createStructure, type Structure } from '../../src/model/structure.ts';
import { CRYSTALS } from '../support/crystals.ts';
import { cubicCrystal, wurtzite } from '../support/espresso/prototypes.ts';

/** The largest distance of a mapped site from its image, in fractions of the cell, less the translation of site 0. */
function misfit({ fracCoords }: Structure, { fractional, image }: ReturnType<typeof symmetrizedCell>['operations'][0]) {
  const mapped = (site: number, k: number) =>
    [0, 1, 2].reduce((sum, j) => sum + fracCoords[3 * site + j]! * fractional[3 * j + k]!, 0) -
    fracCoords[3 * image[site]! + k]!;
  let worst = 0;
  image.forEach((_, site) => {
    for (let k = 0; k < 3; k++) {
      const off = mapped(site, k) - mapped(0, k);
      worst = Math.max(worst, Math.abs(off - Math.round(off)));
    }
  });
  return worst;
}

function shaken(structure: Structure, angstrom: number): Structure {
  const edge = Math.cbrt(structure.lattice.volume);
  const coords = structure.fracCoords.map((x, i) => x + (angstrom / edge) * Math.sin(12.9898 * (i + 1)));
  return createStructure(structure.lattice, structure.atomicNumbers, coords);
}

describe('symmetrizedCell', () => {
  for (const [name, { structure, cells, rotations }] of Object.entries(CRYSTALS)) {
    it(`makes the symmetry of ${name} exact`, () => {
      const { structure: cell, operations } = symmetrizedCell(shaken(structure, 0.002), 0.02);
      expect(operations.length).toBe(rotations);
      expect(cell.atomicNumbers.length).toBe(structure.atomicNumbers.length / cells);
      expect(determinant3(cell.lattice.matrix)).toBeGreaterThan(0);
      expect(cell.lattice.volume / (structure.lattice.volume / cells)).toBeCloseTo(1, 6);
      for (const operation of operations) {
        expect(misfit(cell, operation)).toBeLessThan(1e-10);
        const { rotation } = operation;
        const square = multiply3(
          rotation,
          [0, 3, 6, 1, 4, 7, 2, 5, 8].map((i) => rotation[i]!),
        );
        square.forEach((value, i) => {
          expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 10);
        });
      }
    });
  }

  it('keeps the axes: a cube stays along x, y and z', () => {
    const { operations } = symmetrizedCell(cubicCrystal('rocksalt', ['Mg', 'O'], 4.2), 0.01);
    for (const { rotation } of operations) {
      for (const value of rotation) expect(Math.abs(value - Math.round(value))).toBeLessThan(1e-9);
    }
  });
});

describe('freeCoordinates', () => {
  const rest = new Float64Array(9);
  const alongX = Float64Array.of(0.01, 0, 0, 0, 0, 0, 0, 0, 0);
  const shear = Float64Array.of(0, 0, 0, 0, 0, 0.01, 0, 0.01, 0);

  it.each([
    ['diamond', cubicCrystal('diamond', ['Si'], 5.43), 0, 0, 1],
    ['zincblende', cubicCrystal('zincblende', ['Si', 'C'], 4.36), 0, 0, 1],
    ['antifluorite', cubicCrystal('antifluorite', ['Mg', 'Si'], 6.35), 0, 0, 1],
    ['rocksalt', cubicCrystal('rocksalt', ['Mg', 'O'], 4.2), 0, 0, 0],
    ['L1_2', cubicCrystal('L1_2', ['Cu', 'Au'], 3.7), 0, 0, 0],
    ['wurtzite', wurtzite(['Si', 'C'], 3.08, 5.05), 1, 3, 6],
  ])('of %s', (_, structure, atRest, stretched, sheared) => {
    const { operations } = symmetrizedCell(structure, 0.01);
    expect(freeCoordinates(operations, rest)).toBe(atRest);
    expect(freeCoordinates(operations, alongX)).toBe(stretched);
    expect(freeCoordinates(operations, shear)).toBe(sheared);
  });
});
