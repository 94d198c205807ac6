import { determinant3 } from './lattice.ts';

/** The last space group of each system (International Tables for Crystallography A, 2016). */
const LAST_SPACE_GROUP = [2, 15, 74, 142, 167, 194, 230];

/**
 * The number of a space group's crystal system: triclinic 1, monoclinic 2, orthorhombic 3, tetragonal 4, trigonal 5,
 * hexagonal 6, cubic 7; NaN if the argument is not an international number from 1 to 230.
 */
export function crystalSystemNumber(spaceGroup: number): number {
  if (!Number.isInteger(spaceGroup) || spaceGroup < 1) return Number.NaN;
  const index = LAST_SPACE_GROUP.findIndex((last) => spaceGroup <= last);
  return index < 0 ? Number.NaN : index + 1;
}

/**
 * The number of a point group's crystal system, from the orders of its rotations.
 *
 * Equation: a proper rotation R has trace R = 1 + 2 cos(2 pi / order): 2, 1, 0, -1 for the orders 6, 4, 3, 2. An
 * improper rotation counts as its proper part -R, so that -3 is trigonal and -6 = 3/m is hexagonal.
 * Source: Grosse-Kunstleve, Acta Cryst. A55 (1999) 383, DOI 10.1107/S0108767398010186.
 * Shapes: the whole group, each rotation number[9], in any basis of the lattice.
 * Known value: the 48 rotations of a cube give 7; those of 222, mm2 or mmm give 3.
 */
export function crystalSystemOfPointGroup(rotations: readonly ArrayLike<number>[]): number {
  const traces = new Map<string, number>();
  for (const m of rotations) {
    const sign = Math.sign(determinant3(m));
    traces.set(Array.from(m, (x) => Math.round(sign * x) + 0).join(), Math.round(sign * (m[0]! + m[4]! + m[8]!)));
  }
  const count = (trace: number) => [...traces.values()].filter((t) => t === trace).length;
  // Each threefold axis has two rotations; a cube has four such axes, every other group at most one.
  if (count(0) > 2) return 7;
  if (count(2) > 0) return 6;
  if (count(0) > 0) return 5;
  if (count(1) > 0) return 4;
  return [1, 2, 3, 3][Math.min(3, count(-1))]!;
}
