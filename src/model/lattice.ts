import { RejectedInput } from './rejection.ts';

/** A 3 x 3 matrix, row-major. */
export type Matrix3 = Float64Array;

/** A right- or left-handed cell: rows are the lattice vectors a, b, c, Cartesian, Angstrom. */
export interface Lattice {
  /** Float64Array[9], row-major: ax ay az bx by bz cx cy cz, Angstrom. */
  readonly matrix: Matrix3;
  /** Angstrom^3, always positive. */
  readonly volume: number;
}

/**
 * The smallest volume of a cell relative to the product of its edges: below it the determinant is rounding noise. Very
 * skewed cells of valid lattices (1e-8) stay well above it.
 */
const FLATNESS_MIN = 1e-12;
const EDGE_MAX_ANGSTROM = 1e5;

/**
 * Creates a lattice from nine numbers.
 * @param matrix row-major rows a, b, c, Angstrom (copied)
 * @throws RejectedInput `bad_lattice` if a value is not finite, an edge is zero or larger than EDGE_MAX_ANGSTROM, or
 * the cell is flat
 */
export function createLattice(matrix: ArrayLike<number>): Lattice {
  if (matrix.length !== 9) throw new RejectedInput('bad_lattice', `lattice has ${matrix.length} numbers, not 9`);
  const m = Float64Array.from(matrix);
  for (let row = 0; row < 3; row++) {
    const edge = Math.hypot(m[3 * row]!, m[3 * row + 1]!, m[3 * row + 2]!);
    if (!(edge > 0 && edge < EDGE_MAX_ANGSTROM)) {
      throw new RejectedInput('bad_lattice', `lattice vector ${'abc'[row]} has length ${edge} Angstrom`);
    }
  }
  const volume = Math.abs(determinant3(m));
  const edges = latticeParameters(m);
  if (!(volume > FLATNESS_MIN * edges.a * edges.b * edges.c)) {
    throw new RejectedInput('bad_lattice', `lattice vectors lie in one plane (volume ${volume} Angstrom^3)`);
  }
  return { matrix: m, volume };
}

export interface LatticeParameters {
  /** Edges, Angstrom. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Angles, degrees: alpha between b and c, beta between a and c, gamma between a and b. */
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** Edges and angles of a cell. */
export function latticeParameters(m: ArrayLike<number>): LatticeParameters {
  const length = (i: number) => Math.hypot(m[3 * i]!, m[3 * i + 1]!, m[3 * i + 2]!);
  const [a, b, c] = [length(0), length(1), length(2)];
  const angle = (i: number, j: number, product: number) => {
    const dot = m[3 * i]! * m[3 * j]! + m[3 * i + 1]! * m[3 * j + 1]! + m[3 * i + 2]! * m[3 * j + 2]!;
    return (Math.acos(Math.min(1, Math.max(-1, dot / product))) * 180) / Math.PI;
  };
  return { a, b, c, alpha: angle(1, 2, b * c), beta: angle(0, 2, a * c), gamma: angle(0, 1, a * b) };
}

/**
 * The cell with the given edges and angles; a lies along x and b in the xy plane.
 * @throws RejectedInput `bad_lattice` if no such cell exists
 */
export function latticeFromParameters(p: LatticeParameters): Lattice {
  const radians = Math.PI / 180;
  // Exactly 90 degrees must give a cosine of exactly 0, otherwise cubic cells come out skewed by 1e-16.
  const cosine = (degrees: number) => (degrees === 90 ? 0 : Math.cos(degrees * radians));
  const [cosAlpha, cosBeta, cosGamma] = [cosine(p.alpha), cosine(p.beta), cosine(p.gamma)];
  const sinGamma = Math.sqrt(1 - cosGamma * cosGamma);
  const cy = (cosAlpha - cosBeta * cosGamma) / sinGamma;
  const czSquared = 1 - cosBeta * cosBeta - cy * cy;
  if (!(czSquared > 0)) {
    throw new RejectedInput('bad_lattice', `no cell has the angles ${p.alpha}, ${p.beta}, ${p.gamma} degrees`);
  }
  const cz = Math.sqrt(czSquared);
  return createLattice([p.a, 0, 0, p.b * cosGamma, p.b * sinGamma, 0, p.c * cosBeta, p.c * cy, p.c * cz]);
}

/** The determinant of a row-major 3 x 3 matrix. */
export function determinant3(m: ArrayLike<number>): number {
  return (
    m[0]! * (m[4]! * m[8]! - m[5]! * m[7]!) -
    m[1]! * (m[3]! * m[8]! - m[5]! * m[6]!) +
    m[2]! * (m[3]! * m[7]! - m[4]! * m[6]!)
  );
}

/** The inverse of a row-major 3 x 3 matrix; for rows a, b, c, it converts Cartesian to fractional row vectors. */
export function inverse3(m: ArrayLike<number>): Matrix3 {
  const d = 1 / determinant3(m);
  return Float64Array.of(
    (m[4]! * m[8]! - m[5]! * m[7]!) * d,
    (m[2]! * m[7]! - m[1]! * m[8]!) * d,
    (m[1]! * m[5]! - m[2]! * m[4]!) * d,
    (m[5]! * m[6]! - m[3]! * m[8]!) * d,
    (m[0]! * m[8]! - m[2]! * m[6]!) * d,
    (m[2]! * m[3]! - m[0]! * m[5]!) * d,
    (m[3]! * m[7]! - m[4]! * m[6]!) * d,
    (m[1]! * m[6]! - m[0]! * m[7]!) * d,
    (m[0]! * m[4]! - m[1]! * m[3]!) * d,
  );
}

/** The distances between opposite faces of a cell, along a, b and c, from the inverse of its matrix. */
export function faceDistances(inverse: ArrayLike<number>): [number, number, number] {
  const distance = (k: number) => 1 / Math.hypot(inverse[k]!, inverse[3 + k]!, inverse[6 + k]!);
  return [distance(0), distance(1), distance(2)];
}

/** The product of two row-major 3 x 3 matrices. */
export function multiply3(a: ArrayLike<number>, b: ArrayLike<number>): Matrix3 {
  const out = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      out[3 * i + j] = a[3 * i]! * b[j]! + a[3 * i + 1]! * b[3 + j]! + a[3 * i + 2]! * b[6 + j]!;
    }
  }
  return out;
}
