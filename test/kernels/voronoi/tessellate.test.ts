import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tessellate } from '../../../src/kernels/voronoi/tessellate.ts';
import type { Structure } from '../../../src/model/structure.ts';
import { bruteForceFaces } from '../../support/brute-force-voronoi.ts';
import { CRYSTALS, crystal, inOtherVectors, supercell } from '../../support/crystals.ts';
import { nearlySymmetricCrystals, randomCells, slabs, unimodulars } from '../../support/random-crystals.ts';
import { validateTessellation } from '../../support/tessellation-oracle.ts';

const faultsOf = (structure: Structure) => validateTessellation(structure, tessellate(structure));

/** Faces of a site as `[distance, area]`, nearest first, then largest; those of equal size together. */
function facesOf(structure: Structure, site = 0): { count: number; distance: number; area: number }[] {
  const { faceStart, distance, area } = tessellate(structure);
  const faces: { count: number; distance: number; area: number }[] = [];
  for (let f = faceStart[site]!; f < faceStart[site + 1]!; f++) {
    const [d, a] = [distance[f]!, area[f]!];
    const known = faces.find((face) => Math.abs(face.distance - d) < 1e-9 && Math.abs(face.area - a) < 1e-9);
    if (known) known.count++;
    else faces.push({ count: 1, distance: d, area: a });
  }
  return faces.sort((p, q) => p.distance - q.distance || q.area - p.area);
}

const face = (count: number, distance: number, area: number) => ({
  count,
  distance: expect.closeTo(distance, 12),
  area: expect.closeTo(area, 12),
});

describe('the cell of one site, in closed form', () => {
  const a = 3;

  it('simple cubic: a cube', () => {
    expect(facesOf(crystal([a, 0, 0, 0, a, 0, 0, 0, a], [[1, 0.3, 1, -0]]))).toEqual([face(6, a, a * a)]);
  });

  it('bcc: a truncated octahedron', () => {
    const primitive = crystal([-a / 2, a / 2, a / 2, a / 2, -a / 2, a / 2, a / 2, a / 2, -a / 2], [[1, 0, 0, 0]]);
    const expected = [face(8, (a * Math.sqrt(3)) / 2, ((3 * Math.sqrt(3)) / 16) * a * a), face(6, a, (a * a) / 8)];
    expect(facesOf(primitive)).toEqual(expected);
    expect(tessellate(primitive).volume[0]).toBeCloseTo(a ** 3 / 2, 12);
  });

  it('fcc: a rhombic dodecahedron, in the primitive cell, the conventional one and a supercell', () => {
    const primitive = crystal([0, a / 2, a / 2, a / 2, 0, a / 2, a / 2, a / 2, 0], [[1, 0, 0, 0]]);
    const expected = [face(12, a / Math.SQRT2, (a * a) / (4 * Math.SQRT2))];
    expect(facesOf(primitive)).toEqual(expected);
    expect(facesOf(supercell(primitive, [3, 1, 2]), 5)).toEqual(expected);
    expect(tessellate(primitive).volume[0]).toBeCloseTo(a ** 3 / 4, 12);
  });

  it('hcp: a trapezo-rhombic dodecahedron, whose 12 faces have the area of the rhombic one', () => {
    const c = a * Math.sqrt(8 / 3);
    const hcp = crystal(
      [a, 0, 0, -a / 2, (a * Math.sqrt(3)) / 2, 0, 0, 0, c],
      [
        [1, 1 / 3, 2 / 3, 0.25],
        [1, 2 / 3, 1 / 3, 0.75],
      ],
    );
    for (const site of [0, 1]) expect(facesOf(hcp, site)).toEqual([face(12, a, (a * a) / (2 * Math.SQRT2))]);
  });

  it('diamond: a triakis truncated tetrahedron', () => {
    const diamond = CRYSTALS.diamond!.structure;
    const edge = diamond.lattice.matrix[0]!;
    const expected = [
      face(4, (edge * Math.sqrt(3)) / 4, ((3 * Math.sqrt(3)) / 16) * edge ** 2),
      face(12, edge / Math.SQRT2, edge ** 2 / (32 * Math.SQRT2)),
    ];
    for (const site of [0, 7]) expect(facesOf(diamond, site)).toEqual(expected);
  });
});

/** In larger multiples a vector of 1,000 Angstrom loses the digits that 1e-10 of the lattice's volume need. */
const otherVectors = unimodulars.filter((m) => m.every((x) => Math.abs(x) <= 30));

describe('tessellate', () => {
  it.each(Object.entries(CRYSTALS))('%s', (_, { structure }) => expect(faultsOf(structure)).toEqual([]));

  it.each([
    ['random cells', randomCells],
    ['crystals of high symmetry with noise', nearlySymmetricCrystals],
    ['slabs in vacuum', slabs],
  ] as const)('%s, in any lattice vectors', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, otherVectors, (structure, vectors) => {
        expect(faultsOf(structure)).toEqual([]);
        expect(faultsOf(inOtherVectors(structure, vectors))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    // The plain method is slow where a reach holds many sites.
    ['random cells', randomCells.filter(({ atomicNumbers }) => atomicNumbers.length <= 4)],
    ['crystals of high symmetry with noise', nearlySymmetricCrystals],
  ] as const)('%s have the faces that clipping all bisectors leaves', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, fc.nat(11), (structure, n) => {
        const site = n % structure.atomicNumbers.length;
        expect(faceDifferences(structure, site)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

/** Faces that the kernel and the plain method do not share, or whose areas differ, beyond slivers. */
function faceDifferences(structure: Structure, site: number): string[] {
  const t = tessellate(structure);
  const plain = bruteForceFaces(structure, site);
  const surface = [...plain.values()].reduce((sum, area) => sum + area, 0);
  const faces = new Map<string, number>();
  for (let f = t.faceStart[site]!; f < t.faceStart[site + 1]!; f++) {
    faces.set(`${t.neighbor[f]}:${t.image.subarray(3 * f, 3 * f + 3)}`, t.area[f]!);
  }
  return [...new Set([...plain.keys(), ...faces.keys()])].flatMap((key) => {
    const [ours, theirs] = [faces.get(key) ?? 0, plain.get(key) ?? 0];
    return Math.abs(ours - theirs) <= 1e-9 * surface ? [] : [`${key}: ${ours}, not ${theirs}`];
  });
}

describe('overlapping sites are rejected with their numbers', () => {
  const cube = [4, 0, 0, 0, 4, 0, 0, 0, 4];
  const message = (structure: Structure) => {
    try {
      tessellate(structure);
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const overlap = (text: string) => expect.objectContaining({ code: 'overlapping_sites', message: text });

  it.each([
    ['the same coordinates twice', [0.5, 0.5, 0.5], 'sites 2 and 3 are 0.000 Angstrom apart; at least 0.1 are needed'],
    [
      'the same site in another cell',
      [1.5, -0.5, 0.5],
      'sites 2 and 3 are 0.000 Angstrom apart; at least 0.1 are needed',
    ],
    ['almost the same place', [0.52, 0.5, 0.5], 'sites 2 and 3 are 0.080 Angstrom apart; at least 0.1 are needed'],
    ['near across the boundary', [0, -1.02, 0], 'sites 1 and 3 are 0.080 Angstrom apart; at least 0.1 are needed'],
  ] as const)('%s', (_, [u, v, w], text) => {
    const structure = crystal(cube, [
      [11, 0, 0, 1],
      [17, 0.5, 0.5, 0.5],
      [17, u, v, w],
    ]);
    expect(message(structure)).toEqual(overlap(text));
  });

  it('a cell shorter than an atom', () => {
    const flat = crystal([4, 0, 0, 0, 4, 0, 0, 0, 0.05], [[11, 0, 0, 0]]);
    expect(message(flat)).toEqual(
      overlap('site 1 and its own image are 0.050 Angstrom apart; at least 0.1 are needed'),
    );
  });

  it('but not sites 0.11 Angstrom apart', () => {
    const near = crystal(cube, [
      [1, 0, 0, 0],
      [1, 0.0275, 0, 0],
    ]);
    expect(faultsOf(near)).toEqual([]);
  });
});
