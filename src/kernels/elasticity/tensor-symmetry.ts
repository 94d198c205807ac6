import { rotateStiffness } from '../../model/elastic-tensor.ts';
import type { Matrix3 } from '../../model/lattice.ts';

export type TensorPattern =
  | 'isotropic'
  | 'cubic'
  | 'hexagonal'
  | 'tetragonal'
  | 'trigonal'
  | 'orthorhombic'
  | 'monoclinic'
  | 'triclinic';

export interface TensorSymmetry {
  readonly pattern: TensorPattern;
  /** The Cartesian axis of the main rotation; absent if the pattern has no main axis. */
  readonly axis?: 'x' | 'y' | 'z';
  /** The number of constants that the pattern leaves free. */
  readonly independentConstants: number;
  /** The largest change of an entry under the pattern's rotations, GPa. */
  readonly deviation: number;
}

/** A change of an entry by at most this fraction of the largest entry counts as none: it covers DFT noise. */
const SYMMETRY_TOLERANCE_RELATIVE = 0.01;

/** Rotations about z (or 2-fold axes perpendicular to z) that generate each Laue class, from the highest class down. */
interface LaueClass {
  readonly pattern: TensorPattern;
  readonly constants: number;
  readonly hasAxis: boolean;
  readonly generators: readonly Matrix3[];
}

const TWO_X = Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1);
const TWO_Y = Float64Array.of(-1, 0, 0, 0, 1, 0, 0, 0, -1);
const THREE_111 = Float64Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0);

const LAUE_CLASSES: readonly LaueClass[] = [
  { pattern: 'isotropic', constants: 2, hasAxis: false, generators: [aboutZ(4), THREE_111, aboutZ(8)] },
  { pattern: 'cubic', constants: 3, hasAxis: false, generators: [aboutZ(4), THREE_111] },
  { pattern: 'hexagonal', constants: 5, hasAxis: true, generators: [aboutZ(6)] },
  { pattern: 'tetragonal', constants: 6, hasAxis: true, generators: [aboutZ(4), TWO_X] },
  { pattern: 'tetragonal', constants: 7, hasAxis: true, generators: [aboutZ(4)] },
  { pattern: 'trigonal', constants: 6, hasAxis: true, generators: [aboutZ(3), TWO_X] },
  { pattern: 'trigonal', constants: 6, hasAxis: true, generators: [aboutZ(3), TWO_Y] },
  { pattern: 'trigonal', constants: 7, hasAxis: true, generators: [aboutZ(3)] },
  { pattern: 'orthorhombic', constants: 9, hasAxis: false, generators: [aboutZ(2), TWO_X] },
  { pattern: 'monoclinic', constants: 13, hasAxis: true, generators: [aboutZ(2)] },
  { pattern: 'triclinic', constants: 21, hasAxis: false, generators: [] },
];

/**
 * The highest crystal system whose rotations leave the tensor unchanged in the axes given. The result is lower than the
 * crystal's own system if the axes are not aligned with the crystal, and can be higher if the tensor is more symmetric
 * than the crystal.
 *
 * Equation: R C = C for every generator R of the Laue class, with the main axis along z, y or x.
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VIII, Table 9 (ISBN 978-0-19-851165-6).
 * Shapes: `stiffness: Float64Array[36]`, Voigt order, symmetric.
 * Units: GPa.
 * Errors: none; every tensor is at least triclinic.
 * Known value: C11 = 383.887, C12 = 127.080, C44 = 241.122 is cubic with 3 constants.
 */
export function tensorSymmetry(stiffness: ArrayLike<number>): TensorSymmetry {
  const tolerance = SYMMETRY_TOLERANCE_RELATIVE * largestDifference(stiffness, new Float64Array(36));
  for (const laue of LAUE_CLASSES) {
    for (const axis of laue.hasAxis ? (['z', 'y', 'x'] as const) : (['z'] as const)) {
      const turned = axis === 'z' ? stiffness : rotateStiffness(stiffness, axis === 'y' ? cyclic(1) : cyclic(2));
      const deviations = laue.generators.map((r) => largestDifference(turned, rotateStiffness(turned, r)));
      const deviation = Math.max(0, ...deviations);
      if (deviation > tolerance) continue;
      const found = { pattern: laue.pattern, independentConstants: laue.constants, deviation };
      return laue.hasAxis ? { ...found, axis } : found;
    }
  }
  throw new Error('unreachable: the triclinic class has no generator to fail');
}

/** The rotation about z by 360 degrees / `order`. */
function aboutZ(order: number): Matrix3 {
  const [c, s] = [Math.cos((2 * Math.PI) / order), Math.sin((2 * Math.PI) / order)];
  return Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1);
}

/** Renames the axes cyclically, so that y (1 step) or x (2 steps) becomes z. */
function cyclic(steps: 1 | 2): Matrix3 {
  return steps === 1 ? THREE_111 : Float64Array.of(0, 1, 0, 0, 0, 1, 1, 0, 0);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < 36; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
