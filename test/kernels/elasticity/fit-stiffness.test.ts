import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cartesianRotations } from '../../../src/kernels/elasticity/cartesian-rotations.ts';
import { derivativeWeights } from '../../../src/kernels/elasticity/derivative-weights.ts';
import {
  greenLagrangeStrain,
  secondPiolaKirchhoff,
  upperGradient,
} from '../../../src/kernels/elasticity/finite-strain.ts';
import { fitStiffness, spanStrains, strainRays } from '../../../src/kernels/elasticity/fit-stiffness.ts';
import { missingStrains } from '../../../src/kernels/elasticity/missing-strains.ts';
import { strainStates } from '../../../src/kernels/elasticity/strain-states.ts';
import { rotateStiffness } from '../../../src/model/elastic-tensor.ts';
import { multiply3 } from '../../../src/model/lattice.ts';
import { CRYSTALS } from '../../support/crystals.ts';
import {
  cauchyStress,
  measuredOf,
  reduced,
  SYMPREC,
  standardGradients,
  symmetrized,
} from '../../support/elastic-workflow.ts';
import { cubic, largestDifference, rotations, stiffnesses, TRICLINIC } from '../../support/elasticity.ts';
import { turned } from '../../support/random-crystals.ts';

const IDENTITY = [Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)];
/** Where symmetry adds states with another gradient than the one they were calculated with (see `strainStates`). */
const ADDED_STATES_GPA = 0.01;

const fitOf = (stiffness: Float64Array, gradients: readonly Float64Array[], group = IDENTITY) =>
  fitStiffness(strainRays(strainStates(measuredOf(stiffness, gradients), group)));

describe('finite strain', () => {
  it('has its known values', () => {
    const shear = Float64Array.of(0, 0.005, 0, 0.005, 0, 0, 0, 0, 0);
    expect(Array.from(upperGradient(shear))).toEqual([1, 0.01, 0, 0, Math.sqrt(0.9999), 0, 0, 0, 1]);
    expect(greenLagrangeStrain(Float64Array.of(Math.sqrt(1.02), 0, 0, 0, 1, 0, 0, 0, 1))[0]).toBeCloseTo(0.01, 15);
    const pressed = secondPiolaKirchhoff([3, 0, 0, 0, 3, 0, 0, 0, 3], [1.1, 0, 0, 0, 1.1, 0, 0, 0, 1.1]);
    expect(pressed[0]).toBeCloseTo(3.3, 14);
  });

  it('sees no strain in a rotation, and undoes its own Cauchy stress', () => {
    fc.assert(
      fc.property(rotations, (rotation) => {
        expect(largestDifference(greenLagrangeStrain(rotation), new Float64Array(9))).toBeLessThan(1e-14);
        const gradient = multiply3(rotation, standardGradients()[13]!);
        const stress = secondPiolaKirchhoff(cauchyStress(TRICLINIC, gradient), gradient);
        const unturned = secondPiolaKirchhoff(
          cauchyStress(TRICLINIC, standardGradients()[13]!),
          standardGradients()[13]!,
        );
        expect(largestDifference(stress, unturned)).toBeLessThan(1e-12);
      }),
    );
  });
});

describe('derivativeWeights', () => {
  it('are the usual stencils', () => {
    expect(derivativeWeights([-1, 0, 1]).map((w) => Number(w.toFixed(12)))).toEqual([-0.5, 0, 0.5]);
    const five = derivativeWeights([-2, -1, 0, 1, 2]).map((w) => Number((12 * w).toFixed(12)));
    expect(five).toEqual([1, -8, 0, 8, -1]);
  });

  it('are exact for polynomials of up to fourth degree, on any points', () => {
    const points = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 5, maxLength: 9 });
    fc.assert(
      fc.property(points, (list) => {
        const x = list.map((value) => value / 20);
        const f = x.map((t) => 3 - 2 * t + 5 * t ** 2 - 7 * t ** 3 + 11 * t ** 4);
        const slope = derivativeWeights(x).reduce((sum, w, k) => sum + w * f[k]!, 0);
        expect(slope).toBeCloseTo(-2, 6);
      }),
    );
  });
});

describe('fitStiffness', () => {
  it('gives back any tensor from the 24 deformations', () => {
    fc.assert(
      fc.property(stiffnesses, (stiffness) => {
        const { stiffness: found, misfit } = fitOf(stiffness, standardGradients());
        expect(largestDifference(found, stiffness)).toBeLessThan(1e-9 * Math.max(...stiffness));
        expect(misfit).toBeLessThan(1e-9);
      }),
    );
  });

  it('gives it back from general strains that span, whatever their order', () => {
    const vectors = [
      [0.01, 0, 0, 0.01, 0, 0],
      [0, 0.01, 0, 0, 0.01, 0],
      [0, 0, 0.01, 0, 0, 0.01],
      [0.01, 0.01, 0, 0, 0, 0],
      [0, 0.01, 0.01, 0, 0, 0],
      [0.01, 0, 0, 0, 0.01, 0],
      [0.01, 0, 0.01, 0, 0, 0.01],
    ];
    const gradients = vectors.flatMap((e) =>
      [1, -1].map((sign) => {
        const [xx, yy, zz, yz, zx, xy] = e.map((value) => sign * value) as [
          number,
          number,
          number,
          number,
          number,
          number,
        ];
        return upperGradient(Float64Array.of(xx, xy, zx, xy, yy, yz, zx, yz, zz));
      }),
    );
    const fit = fitOf(TRICLINIC, gradients);
    expect(largestDifference(fit.stiffness, TRICLINIC)).toBeLessThan(1e-9);
    expect(largestDifference(fitOf(TRICLINIC, gradients.toReversed()).stiffness, TRICLINIC)).toBeLessThan(1e-9);
  });

  it('does not mind a rotation in the gradients, and turns with the crystal', () => {
    fc.assert(
      fc.property(rotations, (rotation) => {
        const spun = standardGradients().map((gradient) => multiply3(rotation, gradient));
        expect(largestDifference(fitOf(TRICLINIC, spun).stiffness, TRICLINIC)).toBeLessThan(1e-9);
        const other = rotateStiffness(TRICLINIC, rotation);
        expect(largestDifference(fitOf(other, standardGradients()).stiffness, other)).toBeLessThan(1e-9);
      }),
    );
  });

  it('averages noise away: 24 states with stresses off by up to 0.01 GPa give constants within 2 GPa', () => {
    const noise = fc.array(fc.double({ min: -0.01, max: 0.01, noNaN: true }), { minLength: 216, maxLength: 216 });
    fc.assert(
      fc.property(noise, (off) => {
        const measured = measuredOf(TRICLINIC, standardGradients()).map(({ gradient, cauchy }, k) => ({
          gradient,
          cauchy: cauchy.map((value, i) => value + off[9 * k + i]!),
        }));
        const { stiffness } = fitStiffness(strainRays(strainStates(measured, IDENTITY)));
        expect(largestDifference(stiffness, TRICLINIC)).toBeLessThan(3.5);
      }),
    );
  });
});

describe('sets that symmetry has reduced', () => {
  it.each(Object.entries(CRYSTALS))('give back the tensor of %s', (_, { structure }) => {
    const group = cartesianRotations(structure, SYMPREC);
    const stiffness = symmetrized(TRICLINIC, structure);
    const gradients = reduced(standardGradients(), structure);
    const states = strainStates(measuredOf(stiffness, gradients), group);
    expect(states).toHaveLength(24);
    const rays = strainRays(states);
    expect(missingStrains(rays, 4)).toEqual([]);
    expect(largestDifference(fitStiffness(rays).stiffness, stiffness)).toBeLessThan(ADDED_STATES_GPA);
  });

  it('are those of the Materials Project in size', () => {
    const size = (name: string) => reduced(standardGradients(), CRYSTALS[name]!.structure).length;
    expect([size('zincblende'), size('hcp Zn'), size('alpha quartz'), size('triclinic P1')]).toEqual([6, 18, 20, 24]);
  });

  it('give the same in a turned crystal, where fewer strains are alike', () => {
    const { structure } = CRYSTALS['alpha quartz']!;
    fc.assert(
      fc.property(rotations, (rotation) => {
        const crystal = turned(structure, rotation);
        const stiffness = symmetrized(TRICLINIC, crystal);
        const states = strainStates(
          measuredOf(stiffness, reduced(standardGradients(), crystal)),
          cartesianRotations(crystal, SYMPREC),
        );
        expect(largestDifference(fitStiffness(strainRays(states)).stiffness, stiffness)).toBeLessThan(ADDED_STATES_GPA);
      }),
      { numRuns: 10 },
    );
  });

  it('of combined strains are their whole orbits: two runs make a cubic tensor', () => {
    const { structure } = CRYSTALS['rocksalt NaCl']!;
    const stiffness = cubic(49, 12, 13);
    const gradients = [0.005, -0.005].map((e) => upperGradient(Float64Array.of(e, 0, 0, 0, 0, e / 2, 0, e / 2, 0)));
    const rays = strainRays(strainStates(measuredOf(stiffness, gradients), cartesianRotations(structure, SYMPREC)));
    expect(spanStrains(rays)).toBe(true);
    expect(missingStrains(rays, 2)).toEqual([]);
    expect(largestDifference(fitStiffness(rays).stiffness, stiffness)).toBeLessThan(ADDED_STATES_GPA);
  });
});

describe('missingStrains', () => {
  const group = cartesianRotations(CRYSTALS.zincblende!.structure, SYMPREC);
  const missing = (gradients: readonly Float64Array[], perAxis = 4, symmetry: readonly Float64Array[] = group) =>
    missingStrains(strainRays(strainStates(measuredOf(cubic(200, 100, 80), gradients), symmetry)), perAxis);

  it('names what each axis lacks', () => {
    const all = standardGradients();
    expect(missing(all, 4, IDENTITY)).toEqual([]);
    expect(missing(all.toSpliced(14, 1), 4, IDENTITY)).toEqual(['YZ +0.005']);
    expect(missing(all.slice(0, 4))).toEqual(['YZ 4 more', 'ZX 4 more', 'XY 4 more']);
    expect(missing(all.slice(0, 2), 4, IDENTITY)[0]).toBe('XX 2 more');
    expect(missing([...all.slice(0, 12), all[12]!, all[16]!, all[17]!], 4, IDENTITY)).toEqual([
      'YZ -0.005 and 2 more',
      'ZX 2 more',
      'XY -0.01 -0.005 and 2 more',
    ]);
  });

  it('lets each reduced set be complete only whole', () => {
    const whole = reduced(standardGradients(), CRYSTALS['hcp Zn']!.structure);
    const hexagonal = cartesianRotations(CRYSTALS['hcp Zn']!.structure, SYMPREC);
    expect(missing(whole, 4, hexagonal)).toEqual([]);
    whole.forEach((_, i) => void expect(missing(whole.toSpliced(i, 1), 4, hexagonal)).not.toEqual([]));
  });
});
