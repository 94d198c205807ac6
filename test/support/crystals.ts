import { createLattice, inverse3, latticeFromParameters, multiply3 } from '../../src/model/lattice.ts';
import { createStructure, type Structure } from '../../src/model/structure.ts';

type Site = readonly [z: number, u: number, v: number, w: number];

export function crystal(matrix: ArrayLike<number>, sites: readonly Site[]): Structure {
  return createStructure(
    createLattice(matrix),
    sites.map(([z]) => z),
    sites.flatMap(([, ...x]) => x),
  );
}

const cube = (a: number) => [a, 0, 0, 0, a, 0, 0, 0, a];
const FACES = [
  [0, 0, 0],
  [0, 0.5, 0.5],
  [0.5, 0, 0.5],
  [0.5, 0.5, 0],
] as const;
const faceCentred = (z: number, shift: number): Site[] =>
  FACES.map(([u, v, w]) => [z, u + shift, v + shift, w + shift]);
const hexagon = latticeFromParameters({ a: 2.66, b: 2.66, c: 4.95, alpha: 90, beta: 90, gamma: 120 }).matrix;
const quartz = latticeFromParameters({ a: 4.91, b: 4.91, c: 5.4, alpha: 90, beta: 90, gamma: 120 }).matrix;

/** Crystals in conventional cells: number of primitive cells, order of the point group, and crystal system. */
export const CRYSTALS: Record<string, { structure: Structure; cells: number; rotations: number; system: number }> = {
  'simple cubic Po': { structure: crystal(cube(3.35), [[84, 0, 0, 0]]), cells: 1, rotations: 48, system: 7 },
  'fcc Cu': { structure: crystal(cube(3.61), faceCentred(29, 0)), cells: 4, rotations: 48, system: 7 },
  'bcc Fe': {
    structure: crystal(cube(2.87), [
      [26, 0, 0, 0],
      [26, 0.5, 0.5, 0.5],
    ]),
    cells: 2,
    rotations: 48,
    system: 7,
  },
  diamond: {
    structure: crystal(cube(3.57), [...faceCentred(6, 0), ...faceCentred(6, 0.25)]),
    cells: 4,
    rotations: 48,
    system: 7,
  },
  zincblende: {
    structure: crystal(cube(5.41), [...faceCentred(30, 0), ...faceCentred(16, 0.25)]),
    cells: 4,
    rotations: 24,
    system: 7,
  },
  'rocksalt NaCl': {
    structure: crystal(cube(5.64), [...faceCentred(11, 0), ...faceCentred(17, 0.5)]),
    cells: 4,
    rotations: 48,
    system: 7,
  },
  'perovskite SrTiO3': {
    structure: crystal(cube(3.905), [
      [38, 0, 0, 0],
      [22, 0.5, 0.5, 0.5],
      [8, 0, 0.5, 0.5],
      [8, 0.5, 0, 0.5],
      [8, 0.5, 0.5, 0],
    ]),
    cells: 1,
    rotations: 48,
    system: 7,
  },
  'hcp Zn': {
    structure: crystal(hexagon, [
      [30, 1 / 3, 2 / 3, 0.25],
      [30, 2 / 3, 1 / 3, 0.75],
    ]),
    cells: 1,
    rotations: 24,
    system: 6,
  },
  'alpha quartz': {
    structure: crystal(quartz, [
      [14, 0.47, 0, 0],
      [14, 0, 0.47, 2 / 3],
      [14, 0.53, 0.53, 1 / 3],
      [8, 0.414, 0.267, 0.119],
      [8, 0.733, 0.147, 0.119 + 2 / 3],
      [8, 0.853, 0.586, 0.119 + 1 / 3],
      [8, 0.147, 0.733, -0.119],
      [8, 0.586, 0.853, 1 / 3 - 0.119],
      [8, 0.267, 0.414, 2 / 3 - 0.119],
    ]),
    cells: 1,
    rotations: 6,
    system: 5,
  },
  'body-centred tetragonal In': {
    structure: crystal(
      [3.25, 0, 0, 0, 3.25, 0, 0, 0, 4.95],
      [
        [49, 0, 0, 0],
        [49, 0.5, 0.5, 0.5],
      ],
    ),
    cells: 2,
    rotations: 16,
    system: 4,
  },
  'orthorhombic P': {
    structure: crystal([3, 0, 0, 0, 4, 0, 0, 0, 5], [[26, 0, 0, 0]]),
    cells: 1,
    rotations: 8,
    system: 3,
  },
  'monoclinic P': {
    structure: crystal([3, 0, 0, 0, 4, 0, 1, 0, 5], [[26, 0, 0, 0]]),
    cells: 1,
    rotations: 4,
    system: 2,
  },
  'triclinic P1': {
    structure: crystal(
      [3, 0, 0, 0.7, 4, 0, 1, 0.6, 5],
      [
        [26, 0, 0, 0],
        [8, 0.3, 0.2, 0.4],
        [8, 0.6, 0.1, 0.85],
      ],
    ),
    cells: 1,
    rotations: 1,
    system: 1,
  },
};

/** The same crystal in a supercell of n[0] x n[1] x n[2] cells. */
export function supercell(structure: Structure, n: readonly [number, number, number]): Structure {
  const { matrix } = structure.lattice;
  const sites: Site[] = [];
  for (let a = 0; a < n[0]; a++) {
    for (let b = 0; b < n[1]; b++) {
      for (let c = 0; c < n[2]; c++) {
        structure.atomicNumbers.forEach((z, i) => {
          const [u, v, w] = structure.fracCoords.slice(3 * i, 3 * i + 3);
          sites.push([z, (u! + a) / n[0], (v! + b) / n[1], (w! + c) / n[2]]);
        });
      }
    }
  }
  return crystal(
    matrix.map((x, k) => x * n[Math.floor(k / 3)]!),
    sites,
  );
}

/** The same crystal in other lattice vectors: `transform` (integers, determinant +-1) times the old ones. */
export function inOtherVectors(structure: Structure, transform: ArrayLike<number>): Structure {
  const inverse = inverse3(transform);
  const sites = Array.from(structure.atomicNumbers, (z, i): Site => {
    const x = multiply3([...structure.fracCoords.slice(3 * i, 3 * i + 3), 0, 0, 0, 0, 0, 0], inverse);
    return [z, x[0]!, x[1]!, x[2]!];
  });
  return crystal(multiply3(transform, structure.lattice.matrix), sites);
}

/** The same crystal with another origin, each site in another image, and the sites in reverse order. */
export function shifted(structure: Structure, by: readonly number[]): Structure {
  const sites = Array.from(structure.atomicNumbers, (z, i): Site => {
    const x = [0, 1, 2].map((k) => structure.fracCoords[3 * i + k]! + by[k]! + ((i * (k + 2)) % 5) - 2);
    return [z, x[0]!, x[1]!, x[2]!];
  });
  return crystal(structure.lattice.matrix, sites.reverse());
}

/** The structure with one site moved along x, by Angstrom. */
export function withSiteMoved(structure: Structure, site: number, angstrom: number): Structure {
  const step = multiply3([angstrom, 0, 0, 0, 0, 0, 0, 0, 0], inverse3(structure.lattice.matrix));
  const coords = structure.fracCoords.slice();
  for (let k = 0; k < 3; k++) coords[3 * site + k]! += step[k]!;
  return createStructure(structure.lattice, structure.atomicNumbers, coords);
}
