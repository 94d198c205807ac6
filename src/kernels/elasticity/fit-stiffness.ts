import type { Matrix3 } from '../../model/lattice.ts';
import { derivativeWeights } from './derivative-weights.ts';
import { type StrainState, strainVector, stressVector } from './strain-states.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Strains along one line through zero, and the stresses in them. */
export interface StrainRay {
  /** Float64Array[6], Voigt order, shear doubled; its largest component is 1. */
  readonly direction: Float64Array;
  /** Strains in units of the direction. */
  readonly amplitudes: number[];
  /** Float64Array[6] each, Voigt order. */
  readonly stresses: Float64Array[];
}

export interface StiffnessFit {
  /** Float64Array[36], Voigt order, exactly symmetric, in the unit of the stresses. */
  readonly stiffness: Float64Array;
  /** Float64Array[36]: the same without the condition that it is symmetric. */
  readonly unsymmetrized: Float64Array;
  /** The largest difference of a stress from what the tensor says of its strain, relative to the largest stress. */
  readonly misfit: number;
}

/** Directions whose components differ by less are one: a strain of one axis has others by the rounding of its cell. */
const SAME_DIRECTION = 0.02;
/** The directions span all strains if the smallest eigenvalue of their moments is above this part of the largest. */
const RANK_RELATIVE = 1e-4;

/**
 * Strain states by the lines through zero on which they lie, in their order.
 *
 * Method: a line's direction is its first state's strain over its largest component; states join the first line whose
 *   direction differs in no component by 0.02.
 * Source: M. de Jong, I. Winter, D. C. Chrzan, M. Asta, Phys. Rev. B 96, 014105 (2017), DOI 10.1103/PhysRevB.96.014105.
 * Shapes: as of `StrainState` and `StrainRay`.
 * Units: those of the stresses.
 * Errors: none; a state without strain is on no line.
 * Known value: the 24 states of the Materials Project lie on 6 rays, 4 on each.
 */
export function strainRays(states: readonly StrainState[]): StrainRay[] {
  const rays: StrainRay[] = [];
  for (const { strain, stress } of states) {
    const vector = strainVector(strain);
    const amplitude = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) * (1 + 1e-9) ? value : most), 0);
    if (amplitude === 0) continue;
    const direction = vector.map((value) => value / amplitude);
    const same = rays.find((ray) =>
      ray.direction.every((value, i) => Math.abs(value - direction[i]!) < SAME_DIRECTION),
    );
    const ray = same ?? { direction, amplitudes: [], stresses: [] };
    if (!same) rays.push(ray);
    ray.amplitudes.push(amplitude);
    ray.stresses.push(stressVector(stress));
  }
  return rays;
}

/**
 * Whether strains along these rays determine all 21 constants.
 *
 * Equation: M = sum d d^T is positive definite, its smallest eigenvalue above 1e-4 of the largest.
 * Source: as of `fitStiffness`, which divides by sums of these eigenvalues.
 * Shapes: as of `StrainRay`.
 * Units: none.
 * Errors: none; false without rays.
 * Known value: the six axes span; five of them do not.
 */
export function spanStrains(rays: readonly StrainRay[]): boolean {
  const { values } = symmetricEigen(moments(rays), 6);
  return values[0]! > RANK_RELATIVE * values[5]!;
}

/**
 * The elastic stiffness that stresses in strained cells give.
 *
 * Equation: S(E) = S0 + C E + O(E^2). Along each ray E = h d, C d = dS/dh at zero, by the polynomial through the states
 *   of the ray and the undeformed one (of at most fourth degree, by least squares beyond five states). Over the rays, the
 *   symmetric C that minimizes sum |C d - dS/dh|^2 solves C M + M C = B + B^T, M = sum d d^T, B = sum (dS/dh) d^T, in
 *   M's eigenvectors.
 * Source: M. de Jong et al., Sci. Data 2, 150009 (2015), DOI 10.1038/sdata.2015.9; M. de Jong, I. Winter, D. C. Chrzan,
 *   M. Asta, Phys. Rev. B 96, 014105 (2017), DOI 10.1103/PhysRevB.96.014105 (the stencils).
 * Shapes: `equilibrium` Float64Array[9], row-major: the stress of the undeformed cell.
 * Units: that of the stresses.
 * Requires: rays that span (`spanStrains`).
 * Degenerate cases: without the equilibrium's stress a ray of one state has zero stress at zero strain.
 * Errors: none.
 * Known value: emmet's six deformations of zincblende SiC give C11 = 383.886669, C12 = 127.079655, C44 = 241.121906 GPa.
 */
export function fitStiffness(rays: readonly StrainRay[], equilibrium?: Matrix3): StiffnessFit {
  const slopes = rays.map((ray) => slopeAt0(ray, equilibrium && stressVector(equilibrium)));
  const b = new Float64Array(36);
  rays.forEach(({ direction }, r) => {
    for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) b[6 * i + j]! += slopes[r]![i]! * direction[j]!;
  });
  const { values, vectors } = symmetricEigen(moments(rays), 6);
  const inVectors = congruent(b, vectors);
  const solve = (entry: (i: number, j: number) => number) => {
    const solved = Float64Array.from({ length: 36 }, (_, at) => entry(Math.floor(at / 6), at % 6));
    return congruent(solved, transposed6(vectors));
  };
  const found = solve((i, j) => (inVectors[6 * i + j]! + inVectors[6 * j + i]!) / (values[i]! + values[j]!));
  const stiffness = found.map((value, at) => (value + found[6 * (at % 6) + Math.floor(at / 6)]!) / 2);
  const unsymmetrized = solve((i, j) => inVectors[6 * i + j]! / values[j]!);
  return { stiffness, unsymmetrized, misfit: misfit(rays, stiffness, equilibrium && stressVector(equilibrium)) };
}

function slopeAt0({ amplitudes, stresses }: StrainRay, equilibrium: Float64Array | undefined): Float64Array {
  const isAnchored = equilibrium !== undefined || amplitudes.length === 1;
  const weights = derivativeWeights(isAnchored ? [...amplitudes, 0] : amplitudes);
  const all = isAnchored ? [...stresses, equilibrium ?? new Float64Array(6)] : stresses;
  return Float64Array.from({ length: 6 }, (_, i) => all.reduce((sum, stress, k) => sum + weights[k]! * stress[i]!, 0));
}

function misfit(
  rays: readonly StrainRay[],
  stiffness: Float64Array,
  equilibrium: Float64Array = new Float64Array(6),
): number {
  let [worst, largest] = [0, 0];
  for (const { direction, amplitudes, stresses } of rays) {
    amplitudes.forEach((amplitude, k) => {
      for (let i = 0; i < 6; i++) {
        const predicted = direction.reduce((sum, d, j) => sum + stiffness[6 * i + j]! * d * amplitude, 0);
        largest = Math.max(largest, Math.abs(predicted));
        worst = Math.max(worst, Math.abs(stresses[k]![i]! - equilibrium[i]! - predicted));
      }
    });
  }
  return largest === 0 ? Number.POSITIVE_INFINITY : worst / largest;
}

function moments(rays: readonly StrainRay[]): Float64Array {
  const m = new Float64Array(36);
  for (const { direction: d } of rays) {
    for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) m[6 * i + j]! += d[i]! * d[j]!;
  }
  return m;
}

/** V A V^T, row-major 6 x 6. */
function congruent(a: Float64Array, v: Float64Array): Float64Array {
  return multiply6(multiply6(v, a), transposed6(v));
}

function multiply6(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(36);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) for (let k = 0; k < 6; k++) out[6 * i + j]! += a[6 * i + k]! * b[6 * k + j]!;
  }
  return out;
}

function transposed6(a: Float64Array): Float64Array {
  return a.map((_, at) => a[6 * (at % 6) + Math.floor(at / 6)]!);
}
