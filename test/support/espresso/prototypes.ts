import { atomicNumber } from '../../../src/model/element-symbols.ts';
import { latticeFromParameters } from '../../../src/model/lattice.ts';
import type { Structure } from '../../../src/model/structure.ts';
import { crystal } from '../crystals.ts';

export type CubicPrototype = 'fcc' | 'diamond' | 'zincblende' | 'rocksalt' | 'antifluorite' | 'B2' | 'L1_2';

/** Fractional places of the sites of each element, in a conventional cell or, of face-centred crystals, in a primitive one. */
const SITES: Readonly<Record<CubicPrototype, readonly (readonly (readonly number[])[])[]>> = {
  fcc: [[[0, 0, 0]]],
  diamond: [
    [
      [0, 0, 0],
      [0.25, 0.25, 0.25],
    ],
  ],
  zincblende: [[[0, 0, 0]], [[0.25, 0.25, 0.25]]],
  rocksalt: [[[0, 0, 0]], [[0.5, 0.5, 0.5]]],
  antifluorite: [
    [
      [0.25, 0.25, 0.25],
      [0.75, 0.75, 0.75],
    ],
    [[0, 0, 0]],
  ],
  B2: [[[0, 0, 0]], [[0.5, 0.5, 0.5]]],
  L1_2: [
    [
      [0, 0.5, 0.5],
      [0.5, 0, 0.5],
      [0.5, 0.5, 0],
    ],
    [[0, 0, 0]],
  ],
};

/** A cubic crystal of a prototype; `a` is the edge of the cube, Angstrom. */
export function cubicCrystal(prototype: CubicPrototype, symbols: readonly string[], a: number): Structure {
  const h = a / 2;
  const isPrimitive = prototype !== 'B2' && prototype !== 'L1_2';
  const matrix = isPrimitive ? [0, h, h, h, 0, h, h, h, 0] : [a, 0, 0, 0, a, 0, 0, 0, a];
  const sites = SITES[prototype].flatMap((places, element) =>
    places.map(([u, v, w]) => [atomicNumber(symbols[element]!)!, u!, v!, w!] as const),
  );
  return crystal(matrix, sites);
}

/** Wurtzite, with the ideal internal coordinate; edges in Angstrom. */
export function wurtzite(symbols: readonly [string, string], a: number, c: number): Structure {
  const hexagon = latticeFromParameters({ a, b: a, c, alpha: 90, beta: 90, gamma: 120 }).matrix;
  const [p, q] = symbols.map((symbol) => atomicNumber(symbol)!) as [number, number];
  const [u, v] = [1 / 3, 2 / 3];
  return crystal(hexagon, [
    [p, u, v, 0],
    [p, v, u, 0.5],
    [q, u, v, 0.375],
    [q, v, u, 0.875],
  ]);
}
