import type { Matrix3 } from '../../model/lattice.ts';
import { greenLagrangeStrain, secondPiolaKirchhoff, turned, upperGradient } from './finite-strain.ts';

/** What one calculation gives: a deformation gradient and Cauchy's stress in it, both Float64Array[9], row-major. */
export interface MeasuredDeformation {
  readonly gradient: Matrix3;
  /** Positive if the cell would shrink. */
  readonly cauchy: Matrix3;
}

/** A strain of the undeformed cell and the stress that is work-conjugate to it, both Float64Array[9], row-major. */
export interface StrainState {
  /** Green-Lagrange. */
  readonly strain: Matrix3;
  /** Second Piola-Kirchhoff. */
  readonly stress: Matrix3;
}

/** Stresses of one calculation in turned axes. */
interface Image {
  readonly stress: Matrix3;
  readonly cauchy: Matrix3;
}

/** Strains that differ by less than this fraction of the smallest strain of a set are one: sets differ by halves. */
const SAME_STRAIN_RELATIVE = 0.25;
/** A strain whose other components are below this fraction of the largest strains one axis alone. */
const OFF_AXIS_RELATIVE = 0.02;

/**
 * The strain states that measured deformations give, with those that the crystal's symmetry adds to them.
 *
 * Method: each rotation R of the point group makes of (E, sigma) the state (R E R^T, R sigma R^T). Where several
 *   rotations make the same state of a calculation, the one nearest to the identity does; states of several calculations
 *   are averaged. What was calculated itself is never replaced. Where each calculation strains one axis, so do the states
 *   that are added; otherwise the whole orbits are. Added states have the upper triangular gradient of their strain, as
 *   in the Materials Project, so that its tensors come out to the last digit; turning the gradient too would change
 *   them by 1e-5 GPa. With `wholeOrbits` the orbits are whole in any case, and S is turned, to R S R^T: where a strain comes
 *   with no opposite one, another gradient would turn the stress by as much as the cell is sheared.
 * Source: M. de Jong et al., Sci. Data 2, 150009 (2015), DOI 10.1038/sdata.2015.9 (the strains);
 *   emmet-core's elasticity document (the convention).
 * Shapes: `rotations` as of `cartesianRotations`.
 * Units: that of the stresses.
 * Ensures: the same states for any order of the deformations, but for the order of sums; sort them first.
 * Errors: none.
 * Known value: zincblende's 6 deformations (XX by four, YZ by two) give 24 states, 4 along each axis.
 */
export function strainStates(
  measured: readonly MeasuredDeformation[],
  rotations: readonly Matrix3[],
  { wholeOrbits = false } = {},
): StrainState[] {
  const primary = measured.map(({ gradient, cauchy }) => ({
    strain: greenLagrangeStrain(gradient),
    stress: secondPiolaKirchhoff(cauchy, gradient),
    cauchy,
  }));
  const tolerance = SAME_STRAIN_RELATIVE * Math.min(...primary.map(({ strain }) => largest(strain)));
  const isSame = (a: Matrix3, b: Matrix3) => a.every((value, i) => Math.abs(value - b[i]!) < tolerance);
  const onAxes = !wholeOrbits && primary.every(({ strain }) => strainAxis(strain) !== undefined);
  const added: { readonly strain: Matrix3; readonly images: Map<number, Image> }[] = [];
  primary.forEach(({ strain, stress, cauchy }, index) => {
    for (const rotation of rotations) {
      const image = turned(strain, rotation);
      if (onAxes && strainAxis(image) === undefined) continue;
      if (primary.some((other) => isSame(image, other.strain))) continue;
      const known = added.find((other) => isSame(image, other.strain));
      if (known?.images.has(index)) continue;
      const own = { stress: turned(stress, rotation), cauchy: turned(cauchy, rotation) };
      if (known === undefined) added.push({ strain: image, images: new Map([[index, own]]) });
      else known.images.set(index, own);
    }
  });
  const derived = added.map(({ strain, images }) => {
    const all = [...images.values()];
    if (wholeOrbits) return { strain, stress: mean(all.map(({ stress }) => stress)) };
    return { strain, stress: secondPiolaKirchhoff(mean(all.map(({ cauchy }) => cauchy)), upperGradient(strain)) };
  });
  return [...primary.map(({ strain, stress }) => ({ strain, stress })), ...derived];
}

/**
 * The axis, 0 to 5 in Voigt's order, along which alone a strain lies; undefined if there is none.
 *
 * Method: the largest component, if all others are below a fiftieth of it.
 * Source: M. de Jong et al., Sci. Data 2, 150009 (2015), DOI 10.1038/sdata.2015.9 (sets of one strain each).
 * Shapes: `strain: Float64Array[9]`, row-major, symmetric.
 * Units: none.
 * Errors: none.
 * Known value: Eyz = Ezy = 0.01 alone is axis 3.
 */
function strainAxis(strain: Matrix3): number | undefined {
  const vector = strainVector(strain);
  const axis = vector.reduce((most, value, i) => (Math.abs(value) > Math.abs(vector[most]!) ? i : most), 0);
  const limit = OFF_AXIS_RELATIVE * Math.abs(vector[axis]!);
  return vector.every((value, i) => i === axis || Math.abs(value) <= limit) && limit > 0 ? axis : undefined;
}

/** Where Voigt's XX YY ZZ YZ ZX XY stand in a 3 x 3 matrix. */
const VOIGT_PLACES = [0, 4, 8, 5, 2, 1] as const;

/**
 * A strain as Voigt's vector.
 *
 * Equation: e = (Exx, Eyy, Ezz, 2 Eyz, 2 Ezx, 2 Exy).
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VIII (ISBN 978-0-19-851165-6).
 * Shapes: Float64Array[9], row-major, symmetric; returns Float64Array[6].
 * Units: none.
 * Errors: none.
 * Known value: Eyz = Ezy = 0.01 alone gives (0, 0, 0, 0.02, 0, 0).
 */
export function strainVector(strain: Matrix3): Float64Array {
  return Float64Array.from(VOIGT_PLACES, (place, i) => (i < 3 ? 1 : 2) * strain[place]!);
}

/**
 * A stress as Voigt's vector.
 *
 * Equation: s = (Sxx, Syy, Szz, Syz, Szx, Sxy).
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VIII (ISBN 978-0-19-851165-6).
 * Shapes: Float64Array[9], row-major, symmetric; returns Float64Array[6].
 * Units: those of the stress.
 * Errors: none.
 * Known value: Syz = Szy = 2 alone gives (0, 0, 0, 2, 0, 0).
 */
export function stressVector(stress: Matrix3): Float64Array {
  return Float64Array.from(VOIGT_PLACES, (place) => stress[place]!);
}

/**
 * A stress of Voigt's vector as a matrix: the inverse of `stressVector`.
 *
 * Equation: Sxx = s1, Syz = Szy = s4.
 * Source: J. F. Nye, Physical Properties of Crystals (1957), chapter VIII (ISBN 978-0-19-851165-6).
 * Shapes: Float64Array[6]; returns Float64Array[9], row-major, symmetric.
 * Units: those of the stress.
 * Errors: none.
 * Known value: (0, 0, 0, 2, 0, 0) gives Syz = Szy = 2 alone.
 */
export function stressMatrix(s: ArrayLike<number>): Matrix3 {
  return Float64Array.of(s[0]!, s[5]!, s[4]!, s[5]!, s[1]!, s[3]!, s[4]!, s[3]!, s[2]!);
}

function largest(values: Matrix3): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function mean(all: readonly Matrix3[]): Matrix3 {
  return Float64Array.from({ length: 9 }, (_, i) => all.reduce((sum, one) => sum + one[i]!, 0) / all.length);
}
