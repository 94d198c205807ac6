import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tessellate } from '../../../src/kernels/voronoi/tessellate.ts';
import { createLattice } from '../../../src/model/lattice.ts';
import { createStructure } from '../../../src/model/structure.ts';
import { randomCells } from '../../support/random-crystals.ts';

const oneSite = (rows: number[]) => createStructure(createLattice(rows), [29], [0, 0, 0]);

describe('solid angles', () => {
  it('are made only where asked for', () => {
    expect(tessellate(oneSite([3, 0, 0, 0, 3, 0, 0, 0, 3])).solidAngle).toBeUndefined();
  });

  it.each([
    ['simple cubic', [3, 0, 0, 0, 3, 0, 0, 0, 3], 6],
    ['fcc', [0, 2, 2, 2, 0, 2, 2, 2, 0], 12],
  ])('of %s are all alike', (_, rows, faces) => {
    const { solidAngle } = tessellate(oneSite(rows), { solidAngles: true });
    expect(solidAngle).toHaveLength(faces);
    for (const angle of solidAngle!) expect(angle).toBeCloseTo((4 * Math.PI) / faces, 12);
  });

  it('of a long box are those of a rectangle seen from its axis', () => {
    const t = tessellate(oneSite([2, 0, 0, 0, 4, 0, 0, 0, 6]), { solidAngles: true });
    // Omega = 4 arcsin(a b / sqrt((a^2 + h^2) (b^2 + h^2))), half edges a and b at height h (Mathar, arXiv:1912.11535).
    const expected = (a: number, b: number, h: number) =>
      4 * Math.asin((a * b) / Math.sqrt((a * a + h * h) * (b * b + h * h)));
    const byDistance = new Map(
      [2, 4, 6].map((d) => [
        d,
        expected(...([2, 4, 6].filter((x) => x !== d).map((x) => x / 2) as [number, number]), d / 2),
      ]),
    );
    t.distance.forEach((d, f) => {
      expect(t.solidAngle![f]).toBeCloseTo(byDistance.get(Math.round(d))!, 12);
    });
  });

  it('of a cell sum to 4 pi', () => {
    fc.assert(
      fc.property(randomCells, (structure) => {
        const { faceStart, solidAngle, siteCount } = tessellate(structure, { solidAngles: true });
        for (let i = 0; i < siteCount; i++) {
          const sum = solidAngle!.subarray(faceStart[i], faceStart[i + 1]).reduce((total, angle) => total + angle, 0);
          expect(Math.abs(sum - 4 * Math.PI)).toBeLessThan(1e-7);
        }
      }),
      { numRuns: 200 },
    );
  });
});
