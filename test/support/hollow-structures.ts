import type { Structure } from '../../src/model/structure.ts';
import { crystal } from './crystals.ts';

type Point = readonly [number, number, number];

const BOND_ANGSTROM = 1.5;
const VACUUM_ANGSTROM = 12;

/** Puts points into a box with vacuum around them; writes coordinates with as many digits as most files have. */
function inBox(points: readonly Point[], periodic: readonly (number | undefined)[] = [], digits = 6): Structure {
  const size = [0, 1, 2].map((k) => {
    const along = points.map((p) => p[k]!);
    const [least, greatest] = [along.reduce((a, b) => Math.min(a, b)), along.reduce((a, b) => Math.max(a, b))];
    return { least, edge: periodic[k] ?? greatest - least + VACUUM_ANGSTROM };
  });
  const [a, b, c] = size.map(({ edge }) => edge) as [number, number, number];
  return crystal(
    [a, 0, 0, 0, b, 0, 0, 0, c],
    points.map((p) => {
      const [u, v, w] = p.map((x, k) => Number(((x - size[k]!.least) / size[k]!.edge).toFixed(digits)));
      return [6, u!, v!, w!] as const;
    }),
  );
}

function circle(count: number, z: number): Point[] {
  const radius = (BOND_ANGSTROM * count) / (2 * Math.PI);
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [radius * Math.cos(angle), radius * Math.sin(angle), z] as const;
  });
}

/** Points spread evenly over a sphere by the golden angle, like the atoms of a fullerene. */
function shell(count: number, centre: Point = [0, 0, 0]): Point[] {
  const radius = Math.sqrt((2.6 * count) / (4 * Math.PI));
  return Array.from({ length: count }, (_, i) => {
    const z = 1 - (2 * i + 1) / count;
    const [across, angle] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
    const unit = [across * Math.cos(angle), across * Math.sin(angle), z];
    return unit.map((x, k) => centre[k]! + radius * x) as unknown as Point;
  });
}

const lattice = (count: number, [a, b]: readonly [number, number], spacing: number): Point[] =>
  Array.from({ length: count }, (_, i) => {
    const place = [i % a, Math.floor(i / a) % b, Math.floor(i / a / b)];
    // Displaced by the same amounts in every run: thermal noise without a random generator.
    return place.map((x, k) => spacing * x + 0.2 * Math.sin(1.7 * i + 2.1 * k + i * i)) as unknown as Point;
  });

/** Structures whose sites surround a hollow or are surrounded by vacuum, with about the requested number of sites. */
export const HOLLOW_STRUCTURES: Readonly<Record<string, (count: number) => Structure>> = {
  'a ring': (count) => inBox(circle(count, 0), [undefined, undefined, 10]),
  'a ring of full digits': (count) => inBox(circle(count, 0), [undefined, undefined, 10], 16),
  'a sphere': (count) => inBox(shell(count)),
  'a sphere of full digits': (count) => inBox(shell(count), [], 16),
  'cages of 200': (count) => {
    const cages = Math.max(1, Math.round(count / 200));
    return inBox(Array.from({ length: cages }, (_, n) => shell(200, [18 * (n % 3), 18 * Math.floor(n / 3), 0])).flat());
  },
  'a needle': (count) => inBox(lattice(count, [2, 2], 2.5)),
  'a tube': (count) =>
    inBox(Array.from({ length: Math.ceil(count / 40) }, (_, n) => circle(40, BOND_ANGSTROM * n)).flat()),
  'a slab': (count) => {
    const edge = Math.round(Math.sqrt(count / 4));
    return inBox(lattice(4 * edge * edge, [edge, edge], 2.5), [2.5 * edge, 2.5 * edge, 100]);
  },
  'a cluster': (count) => {
    const edge = Math.round(Math.cbrt(count));
    return inBox(lattice(edge ** 3, [edge, edge], 2.5));
  },
};
