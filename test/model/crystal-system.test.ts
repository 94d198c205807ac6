import { describe, expect, it } from 'vitest';
import { crystalSystemNumber, crystalSystemOfPointGroup } from '../../src/model/crystal-system.ts';

/** The seven crystal systems; a system's number is its place here, from 1. */
const CRYSTAL_SYSTEMS = [
  'triclinic',
  'monoclinic',
  'orthorhombic',
  'tetragonal',
  'trigonal',
  'hexagonal',
  'cubic',
] as const;

describe('crystalSystemNumber', () => {
  it.each([
    ['triclinic', 1, 2],
    ['monoclinic', 3, 15],
    ['orthorhombic', 16, 74],
    ['tetragonal', 75, 142],
    ['trigonal', 143, 167],
    ['hexagonal', 168, 194],
    ['cubic', 195, 230],
  ] as const)('%s from %i to %i', (name, first, last) => {
    const number = CRYSTAL_SYSTEMS.indexOf(name) + 1;
    for (let group = first; group <= last; group++) expect(crystalSystemNumber(group)).toBe(number);
  });

  it.each([0, -1, 231, 1.5, Number.NaN])('is not known for %d', (n) => expect(crystalSystemNumber(n)).toBeNaN());
});

describe('crystalSystemOfPointGroup', () => {
  const one = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const negative = (m: number[]) => m.map((x) => -x);
  const twoX = [1, 0, 0, 0, -1, 0, 0, 0, -1];
  const twoY = [-1, 0, 0, 0, 1, 0, 0, 0, -1];
  const twoZ = [-1, 0, 0, 0, -1, 0, 0, 0, 1];
  const fourZ = [0, 1, 0, -1, 0, 0, 0, 0, 1];
  const threeZ = [0, 1, 0, -1, -1, 0, 0, 0, 1];
  const power = (m: number[], n: number): number[] => (n === 1 ? m : times(m, power(m, n - 1)));
  const times = (a: number[], b: number[]) =>
    a.map((_, k) => [0, 1, 2].reduce((sum, l) => sum + a[3 * Math.floor(k / 3) + l]! * b[3 * l + (k % 3)]!, 0));
  const cyclic = (m: number[], order: number) => Array.from({ length: order }, (_, n) => power(m, n + 1));

  it.each([
    ['1', [one], 1],
    ['-1', [one, negative(one)], 1],
    ['2', [one, twoZ], 2],
    ['m', [one, negative(twoZ)], 2],
    ['2/m', [one, twoZ, negative(one), negative(twoZ)], 2],
    ['222', [one, twoX, twoY, twoZ], 3],
    ['mm2', [one, negative(twoX), negative(twoY), twoZ], 3],
    ['4', cyclic(fourZ, 4), 4],
    ['-4', cyclic(negative(fourZ), 4), 4],
    ['3', cyclic(threeZ, 3), 5],
    ['-3', cyclic(negative(threeZ), 6), 5],
    ['6', cyclic(times(threeZ, twoZ), 6), 6],
    ['-6', cyclic(negative(times(threeZ, twoZ)), 6), 6],
  ])('%s', (_, group, system) => expect(crystalSystemOfPointGroup(group)).toBe(system));
});
