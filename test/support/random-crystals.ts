import fc from 'fast-check';
import { createLattice, determinant3, inverse3, multiply3 } from '../../src/model/lattice.ts';
import { createStructure, type Structure } from '../../src/model/structure.ts';
import { CRYSTALS } from './crystals.ts';

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Integer matrices of determinant +-1: up to 6 times, a multiple of a row is added to another; entries up to 100. */
export const unimodulars: fc.Arbitrary<number[]> = fc
  .array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 2 }), fc.integer({ min: -3, max: 3 })), { maxLength: 6 })
  .map((steps) => {
    const m = IDENTITY.slice();
    for (const [i, step, factor] of steps) {
      const j = (i + step) % 3;
      for (let k = 0; k < 3; k++) m[3 * i + k]! += factor * m[3 * j + k]!;
    }
    return m;
  });

/** Factors along three axes: plain, very flat (graphene), elongated (a long polytype), a slab with vacuum. */
const PROPORTIONS = [
  [1, 1, 1],
  [1, 1, 0.05],
  [1, 1, 20],
  [0.1, 1, 3],
];

/** Row-major lattices of any handedness and shape, with edges of about 1. */
const shapes = fc
  .tuple(fc.array(real(-0.9, 0.9), { minLength: 6, maxLength: 6 }), fc.constantFrom(...PROPORTIONS), fc.boolean())
  .map(([off, scale, mirror]) => {
    const m = [1, off[0]!, off[1]!, off[2]!, 1, off[3]!, off[4]!, off[5]!, mirror ? -1 : 1];
    return m.map((x, k) => x * scale[Math.floor(k / 3)]!);
  })
  .filter((m) => Math.abs(determinant3(m)) > 0.05 * m.reduce((p, x, k) => (k % 4 === 0 ? p * Math.abs(x) : p), 1));

const coordinate = fc.oneof(real(-2, 2), fc.constantFrom(0, -0, 1, -1, 0.5, 1 / 3, 1 - 2 ** -53));
const sites = fc.array(fc.tuple(fc.integer({ min: 1, max: 118 }), coordinate, coordinate, coordinate), {
  minLength: 1,
  maxLength: 12,
});

/**
 * Arbitrary cells of 1 to 12 sites. Sites too near to an earlier one are dropped, and the cell is scaled until the
 * nearest two sites are 1 Angstrom apart.
 */
export const randomCells: fc.Arbitrary<Structure> = fc.tuple(shapes, sites).map(([matrix, all]) => {
  const kept: (typeof all)[number][] = [];
  let nearest = shortestVector(matrix);
  const tooNear = 0.1 * Math.min(nearest, Math.cbrt(Math.abs(determinant3(matrix)) / all.length));
  for (const site of all) {
    const apart = Math.min(
      ...kept.map((other) =>
        shortestImage(
          matrix,
          [1, 2, 3].map((k) => site[k]! - other[k]!),
        ),
      ),
    );
    if (apart < tooNear) continue;
    kept.push(site);
    nearest = Math.min(nearest, apart);
  }
  return createStructure(
    createLattice(matrix.map((x) => x / nearest)),
    kept.map(([z]) => z),
    kept.flatMap(([, ...x]) => x),
  );
});

/** Rounding noise, noise near the kernel's tolerance, published digits, and a relaxation's last error, Angstrom. */
const NOISES = [0, 1e-12, 1e-10, 1e-9, 1e-6, 1e-3];

/** Crystals of high symmetry, whose Voronoi vertices are degenerate, with slightly displaced sites. */
export const nearlySymmetricCrystals: fc.Arbitrary<Structure> = fc
  .tuple(
    fc.constantFrom(...Object.values(CRYSTALS)),
    fc.constantFrom(...NOISES),
    fc.array(real(-1, 1), { minLength: 36, maxLength: 36 }),
  )
  .map(([{ structure }, noise, moves]) => {
    const inverse = inverse3(structure.lattice.matrix);
    const coords = structure.fracCoords.map((x, at) => {
      const i = 3 * Math.floor(at / 3);
      const [p, q, r] = [0, 1, 2].map((k) => noise * moves[(i + k) % moves.length]!);
      return x + p! * inverse[at % 3]! + q! * inverse[3 + (at % 3)]! + r! * inverse[6 + (at % 3)]!;
    });
    return createStructure(structure.lattice, structure.atomicNumbers, coords);
  });

/** Layers of 1 to 9 sites with vacuum between them, up to 1,000 Angstrom. */
export const slabs: fc.Arbitrary<Structure> = fc
  .tuple(
    real(2, 5),
    real(-0.5, 0.5),
    real(10, 1000),
    fc.integer({ min: 1, max: 9 }),
    fc.array(real(0, 1), { minLength: 27, maxLength: 27 }),
  )
  .map(([a, shear, gap, layers, x]) => {
    const c = 2 * layers + gap;
    const coords = Array.from({ length: layers }, (_, i) => [x[3 * i]!, x[3 * i + 1]!, (2 * i + x[3 * i + 2]!) / c]);
    const lattice = createLattice([a, 0, 0, shear * a, a, 0, 0, 0, c]);
    return createStructure(lattice, new Uint8Array(layers).fill(14), coords.flat());
  });

/** The same crystal rotated in space; with determinant -1, its mirror image. */
export function turned({ lattice, atomicNumbers, fracCoords }: Structure, rotation: ArrayLike<number>): Structure {
  return createStructure(createLattice(multiply3(lattice.matrix, rotation)), atomicNumbers, fracCoords);
}

function shortestVector(matrix: readonly number[]): number {
  return Math.min(...IMAGES.filter((n) => n.some((x) => x !== 0)).map((n) => length(matrix, n)));
}

function shortestImage(matrix: readonly number[], frac: readonly number[]): number {
  const home = frac.map((x) => x - Math.round(x));
  return Math.min(
    ...IMAGES.map((n) =>
      length(
        matrix,
        n.map((x, k) => x + home[k]!),
      ),
    ),
  );
}

/** Enough images for the moderately skewed cells that are generated here. */
const IMAGES = Array.from({ length: 125 }, (_, n) => [
  (n % 5) - 2,
  (Math.floor(n / 5) % 5) - 2,
  Math.floor(n / 25) - 2,
]);

function length(m: readonly number[], x: readonly number[]): number {
  const along = (k: number) => x[0]! * m[k]! + x[1]! * m[3 + k]! + x[2]! * m[6 + k]!;
  return Math.hypot(along(0), along(1), along(2));
}
