import { describe, expect, it } from 'vitest';
import { tessellate } from '../../../src/kernels/voronoi/tessellate.ts';
import type { Structure } from '../../../src/model/structure.ts';
import { crystal, supercell } from '../../support/crystals.ts';
import { validateTessellation } from '../../support/tessellation-oracle.ts';

/** What takes a second would take minutes if a search looked at all pairs; a busy machine needs some room. */
const TIMEOUT_MS = 20_000;

/** Uniform in [0, 1), the same ones in every run (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** k x k x layers sites on a square lattice 3 Angstrom apart, each moved by up to `noise`, in a cell of height c. */
function slab(k: number, layers: number, c: number, noise: number): Structure {
  const next = chance(7);
  const off = () => noise * (next() - 0.5);
  const sites = Array.from({ length: k * k * layers }, (_, n) => {
    const [a, b, layer] = [n % k, Math.floor(n / k) % k, Math.floor(n / k / k)];
    return [14, (a + off()) / k, (b + off()) / k, (3 * layer + off()) / c] as const;
  });
  return crystal([3 * k, 0, 0, 0, 3 * k, 0, 0, 0, c], sites);
}

/** Atoms kept apart by a third of their spacing, as in a glass. */
function randomPacking(perEdge: number): Structure {
  const next = chance(1);
  const sites = Array.from({ length: perEdge ** 3 }, (_, n) => {
    const place = [n % perEdge, Math.floor(n / perEdge) % perEdge, Math.floor(n / perEdge ** 2)];
    const [u, v, w] = place.map((x) => (x + 0.66 * next()) / perEdge);
    return [8, u!, v!, w!] as const;
  });
  const edge = 2.7 * perEdge;
  return crystal([edge, 0, 0, 0, edge, 0, 0, 0, edge], sites);
}

const fcc = crystal([0, 2, 2, 2, 0, 2, 2, 2, 0], [[29, 0, 0, 0]]);

describe('cells of many atoms', () => {
  it.each([
    ['10,648 sites, fcc', supercell(fcc, [22, 22, 22])],
    ['9,261 sites, random packing', randomPacking(21)],
    ['19,683 sites, random packing', randomPacking(27)],
    ['4,000 sites, slab with 30 Angstrom of vacuum', slab(20, 10, 60, 0.5)],
    ['4,500 sites, slab with 970 Angstrom of vacuum', slab(30, 5, 985, 0.5)],
    ['4,900 sites, perfect slab with 300 Angstrom of vacuum', slab(35, 4, 312, 0)],
    ['3,600 sites, one perfect layer', slab(60, 1, 100, 0)],
  ])(
    '%s',
    (_, structure) => {
      const t = tessellate(structure);
      expect(validateTessellation(structure, t)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('every atom of an fcc supercell has its 12 neighbours', () => {
    const { faceStart } = tessellate(supercell(fcc, [10, 10, 10]));
    expect([...faceStart]).toEqual(Array.from({ length: 1001 }, (_, i) => 12 * i));
  });
});

describe('thick vacuum', () => {
  it.each([30, 100, 1000, 10_000])('%d Angstrom above one layer: a prism as high as the cell', (c) => {
    const t = tessellate(slab(1, 1, c, 0));
    expect([...t.volume]).toEqual([expect.closeTo(9 * c, 6)]);
    expect([...t.area].sort((p, q) => p - q)).toEqual(
      [9, 9, 3 * c, 3 * c, 3 * c, 3 * c].map((x) => expect.closeTo(x, 6)),
    );
  });

  it.each([
    ['a wire', [2.5, 0, 0, 0, 1000, 0, 0, 0, 800]],
    ['a molecule', [900, 0, 0, 0, 1000, 0, 0, 0, 800]],
    ['a layer in a skewed cell', [3, 0, 0, 1.5, 2.6, 0, 300, 500, 1000]],
  ])('%s', (_, matrix) => {
    const [x, y] = [1 / matrix[0]!, 1 / matrix[8]!];
    const sites = [
      [1, 0, 0, 0],
      [8, 0.5 * x, 0, y],
      [1, 1.5 * x, 0, 0.2 * y],
    ] as const;
    const structure = crystal(matrix, sites);
    expect(validateTessellation(structure, tessellate(structure))).toEqual([]);
  });
});
