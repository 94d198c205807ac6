import { cartesianRotations } from '../../src/kernels/elasticity/cartesian-rotations.ts';
import { greenLagrangeStrain, turned, upperGradient } from '../../src/kernels/elasticity/finite-strain.ts';
import type { MeasuredDeformation } from '../../src/kernels/elasticity/strain-states.ts';
import type { ElasticRun } from '../../src/model/elastic-run.ts';
import { rotateStiffness } from '../../src/model/elastic-tensor.ts';
import { createLattice, determinant3, multiply3 } from '../../src/model/lattice.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { createStructure, type Structure } from '../../src/model/structure.ts';

const PLACES = [0, 4, 8, 5, 2, 1] as const;
const AMPLITUDES = [-0.01, -0.005, 0.005, 0.01];
export const SYMPREC = 0.1;

/** A stiffness with the symmetry of a crystal: the mean of a tensor over its rotations. */
export function symmetrized(stiffness: Float64Array, structure: Structure): Float64Array {
  const rotations = cartesianRotations(structure, SYMPREC);
  const mean = new Float64Array(36);
  for (const rotation of rotations) {
    rotateStiffness(stiffness, rotation).forEach((value, i) => {
      mean[i]! += value / rotations.length;
    });
  }
  return mean;
}

/** The 24 deformations of the Materials Project: upper triangular, one strain each. */
export function standardGradients(): Float64Array[] {
  return PLACES.flatMap((place) =>
    AMPLITUDES.map((amplitude) => {
      const strain = new Float64Array(9);
      strain[place] = amplitude;
      strain[3 * (place % 3) + Math.floor(place / 3)] = amplitude;
      return upperGradient(strain);
    }),
  );
}

/** Of deformations those whose strain no earlier one has under the crystal's symmetry. */
export function reduced(gradients: readonly Float64Array[], structure: Structure): Float64Array[] {
  const rotations = cartesianRotations(structure, SYMPREC);
  const kept: Float64Array[] = [];
  for (const gradient of gradients) {
    const strain = greenLagrangeStrain(gradient);
    const isKnown = kept.some((other) =>
      rotations.some((rotation) =>
        turned(greenLagrangeStrain(other), rotation).every((value, i) => Math.abs(value - strain[i]!) < 1e-4),
      ),
    );
    if (!isKnown) kept.push(gradient);
  }
  return kept;
}

/** Cauchy's stress of a crystal of which S = S0 + C E holds exactly. */
export function cauchyStress(stiffness: Float64Array, gradient: Float64Array, rest = 0): Float64Array {
  const strain = greenLagrangeStrain(gradient);
  const vector = PLACES.map((place, i) => (i < 3 ? 1 : 2) * strain[place]!);
  const second = new Float64Array(9);
  PLACES.forEach((place, i) => {
    const value = vector.reduce((sum, e, j) => sum + stiffness[6 * i + j]! * e, i < 3 ? rest : 0);
    second[place] = value;
    second[3 * (place % 3) + Math.floor(place / 3)] = value;
  });
  return turned(second, gradient).map((value) => value / determinant3(gradient));
}

export function measuredOf(stiffness: Float64Array, gradients: readonly Float64Array[]): MeasuredDeformation[] {
  return gradients.map((gradient) => ({ gradient, cauchy: cauchyStress(stiffness, gradient) }));
}

const METHOD = { kind: 'dft', code: 'VASP 6.4.2', functional: 'PBE', relaxedIon: true } as const;

/** A relaxation, then a run in each deformed cell. */
export function workflowRuns(
  name: string,
  structure: Structure,
  stiffness: Float64Array,
  gradients: readonly Float64Array[],
): ElasticRun[] {
  const rest = Float64Array.of(0.01, 0, 0, 0, 0.01, 0, 0, 0, 0.01);
  const id = (suffix: string) => parseMaterialId(`${name}-${suffix}`);
  const parent: ElasticRun = { id: id('relaxed'), role: 'parent', structure, stress: rest, method: METHOD };
  const runs = gradients.map((gradient, i): ElasticRun => {
    const transpose = [0, 3, 6, 1, 4, 7, 2, 5, 8].map((at) => gradient[at]!);
    const lattice = createLattice(multiply3(structure.lattice.matrix, transpose));
    const deformed = createStructure(lattice, structure.atomicNumbers, structure.fracCoords);
    const stress = cauchyStress(stiffness, gradient, 0.01);
    return { id: id(`strain-${i}`), role: 'deformed', structure: deformed, gradient, stress, method: METHOD };
  });
  return [parent, ...runs];
}
