import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { primitiveCell, primitiveCellMultiplicity } from '../../src/kernels/primitivity.ts';
import { CRYSTALS, crystal, inOtherVectors, shifted, supercell, withSiteMoved } from '../support/crystals.ts';

const SYMPREC = 0.1;
const NAMES = Object.keys(CRYSTALS);
const small = fc.integer({ min: -3, max: 3 });
const cells = fc.integer({ min: 1, max: 3 });
/** Products of two triangular matrices: determinant 1, up to very skewed. */
const unimodular = fc
  .tuple(small, small, small, small, small, small)
  .map(([p, q, r, s, t, u]) => [1, p, q, s, 1 + s * p, s * q + r, t, t * p + u, 1 + t * q + u * r])
  .filter((m) => Math.abs(det(m) - 1) < 1e-9);

function det(m: number[]): number {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number];
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

describe('primitiveCellMultiplicity', () => {
  it.each(NAMES)('%s', (name) => {
    const { structure, cells: expected } = CRYSTALS[name]!;
    expect(primitiveCellMultiplicity(structure, SYMPREC)).toBe(expected);
    expect(primitiveCellMultiplicity(supercell(structure, [2, 2, 2]), SYMPREC)).toBe(8 * expected);
  });

  it('is the same for any supercell, lattice vectors, origin and site order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.tuple(cells, cells, cells),
        unimodular,
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (name, n, vectors, origin) => {
          const { structure, cells: expected } = CRYSTALS[name]!;
          const changed = shifted(inOtherVectors(supercell(structure, n), vectors), origin);
          expect(primitiveCellMultiplicity(changed, SYMPREC)).toBe(n[0] * n[1] * n[2] * expected);
          const primitive = primitiveCell(changed, SYMPREC);
          expect(primitive.atomicNumbers.length).toBe(structure.atomicNumbers.length / expected);
          expect(primitive.lattice.volume).toBeCloseTo(structure.lattice.volume / expected, 6);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('forgives a site 0.05 Angstrom off, but not 0.3', () => {
    const large = supercell(CRYSTALS['rocksalt NaCl']!.structure, [2, 2, 2]);
    expect(primitiveCellMultiplicity(withSiteMoved(large, 5, 0.05), SYMPREC)).toBe(32);
    expect(primitiveCellMultiplicity(withSiteMoved(large, 5, 0.3), SYMPREC)).toBe(1);
  });

  it('takes the tolerance down until the translations are a group', () => {
    // A quarter of a misfits by 0.064 Angstrom and a half by 0.127, so the quarter may not count either.
    const row = crystal(
      [12, 0, 0, 0, 3, 0, 0, 0, 3.3],
      [0, 0.045, 0.09, 0.045].map((dx, i) => [26, i / 4 + dx / 12, 0, 0]),
    );
    expect(primitiveCellMultiplicity(row, SYMPREC)).toBe(1);
    expect(primitiveCellMultiplicity(row, 0.01)).toBe(1);
    expect(primitiveCellMultiplicity(row, 0.3)).toBe(4);
  });

  it('tells elements apart', () => {
    const cscl = crystal(
      [4.12, 0, 0, 0, 4.12, 0, 0, 0, 4.12],
      [
        [55, 0, 0, 0],
        [17, 0.5, 0.5, 0.5],
      ],
    );
    expect(primitiveCellMultiplicity(cscl, SYMPREC)).toBe(1);
    expect(primitiveCellMultiplicity(supercell(cscl, [1, 1, 3]), SYMPREC)).toBe(3);
  });

  it('takes well below a second for a perfect supercell of 16,000 sites', () => {
    const large = supercell(CRYSTALS.diamond!.structure, [12, 12, 13]);
    const before = process.cpuUsage().user;
    expect(primitiveCellMultiplicity(large, SYMPREC)).toBe(7488);
    expect(process.cpuUsage().user - before).toBeLessThan(2e6);
  });
});

describe('primitiveCell', () => {
  it('hands back what is primitive', () => {
    const { structure } = CRYSTALS['perovskite SrTiO3']!;
    expect(primitiveCell(structure, SYMPREC)).toBe(structure);
  });

  it('averages the sites over the cells', () => {
    const moved = withSiteMoved(supercell(CRYSTALS['simple cubic Po']!.structure, [2, 1, 1]), 0, 0.06);
    const { atomicNumbers, lattice, fracCoords } = primitiveCell(moved, SYMPREC);
    expect([...atomicNumbers]).toEqual([84]);
    expect(lattice.volume).toBeCloseTo(3.35 ** 3, 9);
    const along = fracCoords.reduce((sum, x) => sum + Math.abs(x - Math.round(x)) * 3.35, 0);
    expect(along).toBeCloseTo(0.03, 9);
  });
});
