import { describe, expect, it } from 'vitest';
import { ConvexCell, CUT_DONE, CUT_NONE } from '../../../src/kernels/voronoi/convex-cell.ts';

const TOLERANCE = 1e-11;

/** A cube of half edge 10, cut by the bisectors of the origin and each vector; with the areas of the faces. */
function cellOf(vectors: readonly (readonly [number, number, number])[]): { cell: ConvexCell; areas: number[] } {
  const cell = new ConvexCell();
  cell.reset(10);
  const length2 = vectors.map(([x, y, z]) => x * x + y * y + z * z);
  vectors.forEach(([x, y, z], i) => {
    cell.cut(x, y, z, length2[i]!, i, TOLERANCE);
  });
  const sums = new Float64Array(vectors.length);
  cell.addFaceAreas(Float64Array.from(vectors.flat()), sums);
  return { cell, areas: length2.map((d2, i) => sums[i]! / (2 * Math.sqrt(d2))) };
}

const AXES = [
  [2, 0, 0],
  [-2, 0, 0],
  [0, 2, 0],
  [0, -2, 0],
  [0, 0, 2],
  [0, 0, -2],
] as const;

describe('ConvexCell', () => {
  it('six cuts leave a smaller cube', () => {
    const { cell, areas } = cellOf(AXES);
    expect(areas).toEqual([4, 4, 4, 4, 4, 4]);
    expect(cell.radius2Max).toBeCloseTo(3, 14);
  });

  it('a plane that only touches an edge or a corner cuts nothing', () => {
    const { cell } = cellOf(AXES);
    expect(cell.cut(2, 2, 0, 8, 6, TOLERANCE)).toBe(CUT_NONE);
    expect(cell.cut(2, 2, 2, 12, 7, TOLERANCE)).toBe(CUT_NONE);
    expect(cell.cut(2, 2, 2 - 1e-9, 12 - 4e-9, 8, TOLERANCE)).toBe(CUT_DONE);
  });

  it('a cut-off corner is a triangle', () => {
    // x + y + z = 2.5 leaves the corner (1, 1, 1) with legs of 0.5 along the edges.
    const { areas } = cellOf([...AXES, [5 / 3, 5 / 3, 5 / 3]]);
    expect(areas[6]).toBeCloseTo((Math.sqrt(3) / 4) * 0.5, 14);
    expect(areas[0]).toBeCloseTo(4 - 0.125, 14);
  });

  it('a face that later cuts swallow has no area', () => {
    const { areas } = cellOf([[0, 0, 6], ...AXES]);
    expect(areas).toEqual([0, 4, 4, 4, 4, 4, 4]);
  });

  it('settles each corner once, farthest first, until a cut makes new ones', () => {
    const { cell } = cellOf(AXES);
    const corner = new Float64Array(3);
    const seen = new Set<string>();
    while (cell.takeFarthestUnsettled(0, corner)) seen.add(corner.join());
    expect(seen.size).toBe(8);
    expect(cell.takeFarthestUnsettled(0, corner)).toBe(false);
    cell.cut(0, 0, 1.6, 2.56, 6, TOLERANCE);
    expect(cell.takeFarthestUnsettled(0, corner)).toBe(true);
    expect([...corner].map(Math.abs)).toEqual([1, 1, expect.closeTo(0.8, 14)]);
    expect(cell.takeFarthestUnsettled(3, corner)).toBe(false);
  });

  it('grows as far as needed: a sphere of 2,000 faces', () => {
    // Points on a spiral around the sphere; each face is as large as its share of the sphere.
    const count = 2000;
    const points = Array.from({ length: count }, (_, i): [number, number, number] => {
      const z = (2 * i + 1) / count - 1;
      const [r, angle] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
      return [2 * r * Math.cos(angle), 2 * r * Math.sin(angle), 2 * z];
    });
    const { areas } = cellOf(points);
    expect(areas.every((area) => area > 0)).toBe(true);
    expect(areas.reduce((sum, area) => sum + area, 0) / (4 * Math.PI)).toBeCloseTo(1, 2);
  });
});
