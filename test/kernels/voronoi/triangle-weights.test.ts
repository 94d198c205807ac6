import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tessellate } from '../../../src/kernels/voronoi/tessellate.ts';
import type { Tessellation } from '../../../src/kernels/voronoi/tessellation.ts';
import { weightOfTriangles } from '../../../src/kernels/voronoi/triangle-weights.ts';
import { CRYSTALS } from '../../support/crystals.ts';
import { randomCells } from '../../support/random-crystals.ts';

it.each([
  ['simple cubic Po', 0],
  ['fcc Cu', 12 * 4],
  // The 8 near neighbours share 6 each with the site, the 6 far ones 4.
  ['bcc Fe', 8 * 6 + 6 * 4],
])('%s: %d closed paths from each site', (name, paths) => {
  const t = tessellate(CRYSTALS[name]!.structure);
  const around = weightOfTriangles(t, new Float64Array(t.area.length).fill(1));
  expect(new Set(around)).toEqual(new Set([paths]));
});

it('is the sum over all paths of three faces that close', () => {
  fc.assert(
    fc.property(randomCells, (structure) => {
      const t = tessellate(structure);
      // Not the same both ways, so that a wrong sense shows.
      const weight = t.area.map((area, f) => area / (1 + (f % 7)));
      const scale = Math.max(...weight) ** 3;
      const plain = [...closedPaths(t, weight)].map((x) => expect.closeTo(x / scale, 9));
      expect([...weightOfTriangles(t, weight)].map((x) => x / scale)).toEqual(plain);
    }),
    { numRuns: 50 },
  );
});

function closedPaths(t: Tessellation, weight: Float64Array): Float64Array {
  const facesOf = (site: number) =>
    Array.from({ length: t.faceStart[site + 1]! - t.faceStart[site]! }, (_, f) => t.faceStart[site]! + f);
  return t.volume.map((_, i) => {
    let sum = 0;
    for (const f of facesOf(i)) {
      for (const g of facesOf(t.neighbor[f]!)) {
        for (const h of facesOf(t.neighbor[g]!)) {
          const closes = [0, 1, 2].every((k) => t.image[3 * f + k]! + t.image[3 * g + k]! + t.image[3 * h + k]! === 0);
          if (t.neighbor[h] === i && closes) sum += weight[f]! * weight[g]! * weight[h]!;
        }
      }
    }
    return sum;
  });
}
