import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bornStability } from '../../../src/kernels/elasticity/stability.ts';
import { rotateStiffness } from '../../../src/model/elastic-tensor.ts';
import { cubic, rotations, SILICON_CARBIDE, stiffnesses, TRICLINIC } from '../../support/elasticity.ts';

describe('bornStability', () => {
  it('finds the eigenvalues of a cubic tensor: C44, C11 - C12, C11 + 2 C12', () => {
    const { stable, eigenvalues, violatedMinor } = bornStability(SILICON_CARBIDE);
    expect(stable).toBe(true);
    expect(violatedMinor).toBeUndefined();
    [241.122, 241.122, 241.122, 256.807, 256.807, 638.047].forEach((expected, i) => {
      expect(eigenvalues[i]).toBeCloseTo(expected, 11);
    });
  });

  it('equals eigvalsh of numpy without symmetry (tolerance 1e-11 GPa)', () => {
    const { eigenvalues } = bornStability(TRICLINIC);
    [
      34.1279175450271, 46.03866811281959, 50.99967134806703, 76.96150006316414, 115.05654812600172, 261.8156948049205,
    ].forEach((expected, i) => {
      expect(eigenvalues[i]).toBeCloseTo(expected, 11);
    });
  });

  // Each breaks one of Born's three cubic conditions.
  it.each([
    ['C44 > 0', cubic(300, 100, -20), -20, 4],
    ['C11 > C12', cubic(100, 150, 80), -50, 2],
    ['C11 + 2 C12 > 0', cubic(100, -60, 80), -20, 3],
    ['C11 > 0', cubic(-10, 0, 80), -10, 1],
  ])('says which minor fails where %s does', (_, stiffness, smallest, minor) => {
    const stability = bornStability(stiffness);
    expect(stability.stable).toBe(false);
    expect(stability.eigenvalues[0]).toBeCloseTo(smallest, 12);
    expect(stability.violatedMinor).toBe(minor);
  });

  it('names the softest strain', () => {
    const stiffness = cubic(300, 100, 80);
    stiffness[28] = -5;
    expect(Array.from(bornStability(stiffness).softestStrain, Math.abs)).toEqual([0, 0, 0, 0, 1, 0]);
  });

  it.each([
    ['without shear stiffness', cubic(300, 100, 0), 4],
    ['C11 = C12', cubic(100, 100, 30), 2],
    ['all zero', new Float64Array(36), 1],
  ])('takes a singular tensor as unstable: %s', (_, stiffness, minor) => {
    const stability = bornStability(stiffness);
    expect(stability.stable).toBe(false);
    expect(stability.violatedMinor).toBe(minor);
  });

  it('agrees between eigenvalues and minors, in whatever axes', () => {
    const shift = fc.double({ min: -300, max: 300, noNaN: true });
    fc.assert(
      fc.property(stiffnesses, rotations, shift, (definite, rotation, c44) => {
        const stiffness = Float64Array.from(definite);
        stiffness[21]! += c44;
        const before = bornStability(stiffness);
        // Nearer to the border than rounding, both verdicts are right.
        fc.pre(Math.abs(before.eigenvalues[0]!) > 1e-6);
        expect(before.violatedMinor === undefined).toBe(before.stable);
        expect(bornStability(rotateStiffness(stiffness, rotation)).stable).toBe(before.stable);
        expect(before.eigenvalues[0]! > 0).toBe(before.stable);
      }),
    );
  });
});
