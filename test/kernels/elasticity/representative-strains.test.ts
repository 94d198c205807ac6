import { describe, expect, it } from 'vitest';
import { secondPiolaKirchhoff, upperGradient } from '../../../src/kernels/elasticity/finite-strain.ts';
import { fitStiffness, strainRays } from '../../../src/kernels/elasticity/fit-stiffness.ts';
import { representativeStrains } from '../../../src/kernels/elasticity/representative-strains.ts';
import {
  strainStates,
  strainVector,
  stressMatrix,
  stressVector,
} from '../../../src/kernels/elasticity/strain-states.ts';
import { symmetrizedCell } from '../../../src/kernels/symmetrized-cell.ts';
import { rotateStiffness } from '../../../src/model/elastic-tensor.ts';
import { determinant3, type Matrix3, multiply3 } from '../../../src/model/lattice.ts';
import { CRYSTALS } from '../../support/crystals.ts';

const AMPLITUDES = () => [-0.01, 0.01];
const rotationsOf = (name: string) =>
  symmetrizedCell(CRYSTALS[name]!.structure, 0.01).operations.map(({ rotation }) => rotation);

describe('representativeStrains', () => {
  it.each([
    ['rocksalt NaCl', 3],
    ['zincblende', 3],
    ['hcp Zn', 5],
  ])('of %s are %d', (name, count) => {
    expect(representativeStrains(rotationsOf(name), AMPLITUDES)).toHaveLength(count);
  });

  it('are all 12 without symmetry', () => {
    const identity = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    expect(representativeStrains([identity], AMPLITUDES)).toHaveLength(12);
  });

  it.each(Object.keys(CRYSTALS))('determine the tensor of %s', (name) => {
    const rotations = rotationsOf(name);
    const stiffness = symmetrized(rotations);
    const measured = representativeStrains(rotations, AMPLITUDES).map((strain) => {
      const gradient = upperGradient(strain);
      const second = stressMatrix(times(stiffness, strainVector(strain)));
      return { gradient, cauchy: cauchyOf(second, gradient) };
    });
    expect(stressVector(secondPiolaKirchhoff(measured[0]!.cauchy, measured[0]!.gradient))[0]).toBeCloseTo(
      times(stiffness, strainVector(representativeStrains(rotations, AMPLITUDES)[0]!))[0]!,
      9,
    );
    const fit = fitStiffness(strainRays(strainStates(measured, rotations, { wholeOrbits: true })), new Float64Array(9));
    fit.stiffness.forEach((value, i) => {
      expect(value, `entry ${i}`).toBeCloseTo(stiffness[i]!, 6);
    });
  });
});

/** A tensor without any symmetry, averaged over the rotations. */
function symmetrized(rotations: readonly Matrix3[]): Float64Array {
  const raw = Float64Array.from({ length: 36 }, (_, at) => {
    const [i, j] = [Math.floor(at / 6), at % 6].sort((a, b) => a - b) as [number, number];
    return (i === j ? 200 + 10 * i : 40) + 9 * Math.sin(1 + 7 * i + 3 * j);
  });
  const mean = new Float64Array(36);
  for (const rotation of rotations) {
    const image = rotateStiffness(raw, rotation);
    for (let i = 0; i < 36; i++) mean[i]! += image[i]! / rotations.length;
  }
  return mean;
}

function times(stiffness: Float64Array, strain: Float64Array): Float64Array {
  return Float64Array.from({ length: 6 }, (_, i) => strain.reduce((sum, e, j) => sum + stiffness[6 * i + j]! * e, 0));
}

function cauchyOf(second: Matrix3, f: Matrix3): Matrix3 {
  const transposed = [0, 3, 6, 1, 4, 7, 2, 5, 8].map((i) => f[i]!);
  return multiply3(multiply3(f, second), transposed).map((value) => value / determinant3(f));
}
