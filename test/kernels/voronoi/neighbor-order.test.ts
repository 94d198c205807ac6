import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDERING_SHELLS, writeOrderingParameters } from '../../../src/kernels/voronoi/neighbor-order.ts';
import { tessellate } from '../../../src/kernels/voronoi/tessellate.ts';
import type { Tessellation } from '../../../src/kernels/voronoi/tessellation.ts';
import type { Structure } from '../../../src/model/structure.ts';
import { CRYSTALS, crystal, supercell } from '../../support/crystals.ts';
import { randomCells } from '../../support/random-crystals.ts';

/** Each site's type and the types' fractions, by ascending atomic number. */
function typed({ atomicNumbers }: Structure): { types: Int32Array; fractions: Float64Array } {
  const distinct = [...new Set(atomicNumbers)].sort((a, b) => a - b);
  const types = Int32Array.from(atomicNumbers, (z) => distinct.indexOf(z));
  const count = (type: number) => types.filter((t) => t === type).length;
  return { types, fractions: Float64Array.from(distinct, (_, type) => count(type) / types.length) };
}

function orderingOf(structure: Structure): number[] {
  const { types, fractions } = typed(structure);
  const out = new Float64Array(ORDERING_SHELLS + 2).fill(-7);
  writeOrderingParameters(tessellate(structure), types, fractions, out, 1);
  expect([out[0], out[ORDERING_SHELLS + 1]]).toEqual([-7, -7]);
  return [...out.slice(1, -1)];
}

interface Place {
  readonly site: number;
  readonly image: readonly [number, number, number];
}

const isSame = (p: Place, q: Place) => p.site === q.site && p.image.every((x, k) => x === q.image[k]);

/** The definition, path by path: all walks of `steps` faces that never enter a place they have been to. */
function countPaths(
  t: Tessellation,
  visited: readonly Place[],
  steps: number,
  weight: number,
  end: (p: Place, w: number) => void,
): void {
  const here = visited.at(-1)!;
  if (steps === 0) {
    end(here, weight);
    return;
  }
  const faces = Array.from(
    { length: t.faceStart[here.site + 1]! - t.faceStart[here.site]! },
    (_, f) => t.faceStart[here.site]! + f,
  );
  const largest = Math.max(...faces.map((f) => t.area[f]!));
  for (const f of faces) {
    const [a, b, c] = [0, 1, 2].map((k) => here.image[k]! + t.image[3 * f + k]!);
    const next: Place = { site: t.neighbor[f]!, image: [a!, b!, c!] };
    if (visited.some((place) => isSame(place, next))) continue;
    countPaths(t, [...visited, next], steps - 1, (weight * t.area[f]!) / largest, end);
  }
}

function orderingByPaths(structure: Structure): number[] {
  const t = tessellate(structure);
  const { types, fractions } = typed(structure);
  return Array.from({ length: ORDERING_SHELLS }, (_, shell) => {
    let sum = 0;
    for (let site = 0; site < t.siteCount; site++) {
      const weights = new Float64Array(fractions.length);
      countPaths(t, [{ site, image: [0, 0, 0] }], shell + 1, 1, (place, weight) => {
        weights[types[place.site]!]! += weight;
      });
      const total = weights.reduce((a, b) => a + b, 0);
      fractions.forEach((x, type) => {
        sum += Math.abs(1 - weights[type]! / (x * total));
      });
    }
    return sum / (t.siteCount * fractions.length);
  });
}

const cscl = crystal(
  [4.12, 0, 0, 0, 4.12, 0, 0, 0, 4.12],
  [
    [55, 0, 0, 0],
    [17, 0.5, 0.5, 0.5],
  ],
);
const cu3au = crystal(
  [3.75, 0, 0, 0, 3.75, 0, 0, 0, 3.75],
  [
    [79, 0, 0, 0],
    [29, 0, 0.5, 0.5],
    [29, 0.5, 0, 0.5],
    [29, 0.5, 0.5, 0],
  ],
);

describe('the ordering parameters', () => {
  it.each([
    ['CsCl', cscl],
    ['Cu3Au, full of triangles', cu3au],
    ['rocksalt', CRYSTALS['rocksalt NaCl']!.structure],
    ['perovskite, three elements', CRYSTALS['perovskite SrTiO3']!.structure],
    ['a triclinic crystal', CRYSTALS['triclinic P1']!.structure],
    ['zincblende', supercell(CRYSTALS.zincblende!.structure, [1, 1, 1])],
  ])('of %s are those of all paths, one by one', (_, structure) => {
    expect(orderingOf(structure)).toEqual(orderingByPaths(structure).map((x) => expect.closeTo(x, 11)));
  });

  it('of random cells of up to 3 sites are those of all paths, one by one', () => {
    const small = randomCells.filter(({ atomicNumbers }) => atomicNumbers.length <= 3);
    fc.assert(
      fc.property(small, (structure) => {
        expect(orderingOf(structure)).toEqual(orderingByPaths(structure).map((x) => expect.closeTo(x, 10)));
      }),
      { numRuns: 20 },
    );
  });

  it('of CsCl: faces of 3 sqrt(3) / 16 to 8 unlike and of 1 / 8 to 6 like neighbours', () => {
    const w = 2 / (3 * Math.sqrt(3));
    const first = (8 - 6 * w) / (8 + 6 * w);
    expect(orderingOf(cscl)).toEqual([
      expect.closeTo(first, 12),
      expect.closeTo(0.241225, 6),
      expect.closeTo(0.132669, 6),
    ]);
  });

  it('of rocksalt: all neighbours unlike, then all like, then all unlike', () => {
    expect(orderingOf(CRYSTALS['rocksalt NaCl']!.structure)).toEqual([1, 1, 1].map((x) => expect.closeTo(x, 12)));
  });

  it('of one element are 0', () => {
    expect(orderingOf(CRYSTALS['hcp Zn']!.structure)).toEqual([0, 0, 0]);
  });
});
