import { describe, expect, it } from 'vitest';
import { elasticProperties } from '../../../src/kernels/elasticity/elastic-properties.ts';
import { vickersHardnessChen, vickersHardnessTian } from '../../../src/kernels/elasticity/hardness.ts';
import { poissonRatio, pughRatio, youngModulus } from '../../../src/kernels/elasticity/isotropic.ts';
import { debyeTemperature, soundVelocities } from '../../../src/kernels/elasticity/sound.ts';
import { cubic, SILICON_CARBIDE, TRICLINIC } from '../../support/elasticity.ts';

/** Zincblende SiC with a = 4.38 Angstrom, as pymatgen has it. */
const DENSITY = { gramPerCm3: 3.1694942882735146, atomsPerCubicAngstrom: 0.09520673142057298 };

// Golden: pymatgen 2026.10.24, ElasticTensor.get_structure_property_dict; relative tolerance 1e-9, since its constants
// (atomic mass, h, k_B) are of another CODATA year.
const GOLDEN = [
  [
    'SiC',
    SILICON_CARBIDE,
    434.2893819342143,
    0.15967289092009346,
    7686.2033215702295,
    12077.798599703809,
    1148.7541780860367,
  ],
  [
    'triclinic',
    TRICLINIC,
    114.408176826198,
    0.27971956906284434,
    3755.4427204025137,
    6790.847714542776,
    568.8167388423469,
  ],
] as const;

describe('derived properties', () => {
  it.each(GOLDEN)('equal those of pymatgen: %s', (_, stiffness, young, poisson, transverse, longitudinal, debye) => {
    const { stable, acoustic } = elasticProperties(stiffness, DENSITY);
    const near = (value: number | undefined, expected: number) =>
      expect(Math.abs((value ?? Number.NaN) / expected - 1)).toBeLessThan(1e-9);
    near(stable?.youngModulus, young);
    near(stable?.poissonRatio, poisson);
    near(acoustic?.soundVelocities.transverse, transverse);
    near(acoustic?.soundVelocities.longitudinal, longitudinal);
    near(acoustic?.debyeTemperature, debye);
  });

  it('have their known values', () => {
    const sic = { bulk: 212.682333, shear: 187.246501 };
    expect(youngModulus(sic)).toBeCloseTo(434.289382, 5);
    expect(poissonRatio({ bulk: 2, shear: 3 })).toBe(0);
    expect(poissonRatio({ bulk: 2, shear: 0 })).toBe(0.5);
    expect(pughRatio({ bulk: 442.3, shear: 535.5 })).toBeCloseTo(0.826, 3);
    const velocities = soundVelocities(sic, 3.169494);
    expect(velocities.longitudinal).toBeCloseTo(12077.8, 1);
    expect(velocities.transverse).toBeCloseTo(7686.2, 1);
    expect(velocities.mean).toBeCloseTo(8450.09, 1);
    expect(debyeTemperature(8450.09, 0.0952067)).toBeCloseTo(1148.75, 1);
  });

  it('give the hardness of diamond by both fits', () => {
    expect(vickersHardnessChen({ bulk: 442.3, shear: 535.5 })).toBeCloseTo(95.745, 3);
    expect(vickersHardnessTian({ bulk: 442.3, shear: 535.5 })).toBeCloseTo(97.762, 3);
  });

  it('have no value where the tensor is unstable', () => {
    const { voigt, stable, acoustic } = elasticProperties(cubic(300, 100, -20), DENSITY);
    expect(voigt.shear).toBeCloseTo(28, 12);
    expect([stable, acoustic]).toEqual([undefined, undefined]);
  });

  it('need the density for sound', () => {
    const { stable, acoustic } = elasticProperties(SILICON_CARBIDE);
    expect(stable).toBeDefined();
    expect(acoustic).toBeUndefined();
  });
});
