import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compliance, hillAverages, reussAverages, voigtAverages } from '../../../src/kernels/elasticity/averages.ts';
import { universalAnisotropy } from '../../../src/kernels/elasticity/isotropic.ts';
import { rotateStiffness } from '../../../src/model/elastic-tensor.ts';
import { cubic, rotations, SILICON_CARBIDE, stiffnesses, TRICLINIC, TRIGONAL } from '../../support/elasticity.ts';

/** Relative; an eigen-decomposition of condition 1e3 loses three of sixteen digits, and the sums one more. */
const ROUNDING = 1e-11;

function averagesOf(stiffness: ArrayLike<number>) {
  const voigt = voigtAverages(stiffness);
  const reuss = reussAverages(compliance(stiffness));
  return { voigt, reuss, hill: hillAverages(voigt, reuss) };
}

// Golden: pymatgen 2026.10.24, ElasticTensor.from_voigt; relative tolerance 1e-12.
const GOLDEN = [
  ['SiC', SILICON_CARBIDE, 212.6823333333333, 212.68233333333336, 196.0346, 178.45840172020553, 0.4924452452328687],
  ['trigonal', TRIGONAL, 41.08888888888889, 40.1503056768559, 46.87333333333333, 39.99913069145347, 0.8826707439123433],
  [
    'triclinic',
    TRICLINIC,
    86.91111111111111,
    86.21393127155062,
    45.88666666666668,
    43.51430804061299,
    0.2806818636397077,
  ],
] as const;

describe('Voigt, Reuss and Hill averages', () => {
  it.each(GOLDEN)('equal those of pymatgen: %s', (_, stiffness, kVoigt, kReuss, gVoigt, gReuss, anisotropy) => {
    const { voigt, reuss, hill } = averagesOf(stiffness);
    const near = (value: number, expected: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-12);
    near(voigt.bulk, kVoigt);
    near(reuss.bulk, kReuss);
    near(voigt.shear, gVoigt);
    near(reuss.shear, gReuss);
    near(hill.bulk, (kVoigt + kReuss) / 2);
    near(hill.shear, (gVoigt + gReuss) / 2);
    expect(universalAnisotropy(voigt, reuss)).toBeCloseTo(anisotropy, 11);
  });

  it('have the closed forms of cubic crystals', () => {
    const c = fc.double({ min: 1, max: 1000, noNaN: true });
    fc.assert(
      fc.property(c, c, c, (difference, c12, c44) => {
        const { voigt, reuss } = averagesOf(cubic(c12 + difference, c12, c44));
        const bulk = (difference + 3 * c12) / 3;
        expect(Math.abs(voigt.bulk / bulk - 1)).toBeLessThan(ROUNDING);
        expect(Math.abs(reuss.bulk / bulk - 1)).toBeLessThan(ROUNDING);
        expect(Math.abs(voigt.shear / ((difference + 3 * c44) / 5) - 1)).toBeLessThan(ROUNDING);
        const reussShear = (5 * difference * c44) / (4 * c44 + 3 * difference);
        expect(Math.abs(reuss.shear / reussShear - 1)).toBeLessThan(ROUNDING);
      }),
    );
  });

  it('are ordered Reuss <= Hill <= Voigt for every positive-definite tensor', () => {
    fc.assert(
      fc.property(stiffnesses, (stiffness) => {
        const { voigt, reuss, hill } = averagesOf(stiffness);
        for (const modulus of ['bulk', 'shear'] as const) {
          expect(reuss[modulus]).toBeGreaterThan(0);
          expect(reuss[modulus]).toBeLessThanOrEqual(hill[modulus] * (1 + ROUNDING));
          expect(hill[modulus]).toBeLessThanOrEqual(voigt[modulus] * (1 + ROUNDING));
        }
        expect(universalAnisotropy(voigt, reuss)).toBeGreaterThan(-ROUNDING);
      }),
    );
  });

  it('do not change when the axes turn', () => {
    fc.assert(
      fc.property(stiffnesses, rotations, (stiffness, rotation) => {
        const [before, after] = [averagesOf(stiffness), averagesOf(rotateStiffness(stiffness, rotation))];
        for (const kind of ['voigt', 'reuss', 'hill'] as const) {
          expect(Math.abs(after[kind].bulk / before[kind].bulk - 1)).toBeLessThan(1e-9);
          expect(Math.abs(after[kind].shear / before[kind].shear - 1)).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it('of an isotropic tensor agree, and its anisotropy is 0', () => {
    const { voigt, reuss } = averagesOf(cubic(300, 100, 100));
    expect(reuss.shear).toBeCloseTo(voigt.shear, 12);
    expect(universalAnisotropy(voigt, reuss)).toBeCloseTo(0, 13);
  });
});

describe('compliance', () => {
  it('is the inverse', () => {
    fc.assert(
      fc.property(stiffnesses, (stiffness) => {
        const s = compliance(stiffness);
        for (let i = 0; i < 6; i++) {
          for (let j = 0; j < 6; j++) {
            let sum = 0;
            for (let k = 0; k < 6; k++) sum += stiffness[6 * i + k]! * s[6 * k + j]!;
            expect(Math.abs(sum - (i === j ? 1 : 0))).toBeLessThan(1e-10);
          }
        }
      }),
    );
  });

  it('inverts an indefinite tensor too', () => {
    expect(compliance(cubic(300, 100, -50))[21]).toBeCloseTo(-1 / 50, 14);
  });

  it('of a singular tensor is NaN, not an exception', () => {
    expect(Array.from(compliance(cubic(100, 100, 30))).every(Number.isNaN)).toBe(true);
    expect(compliance(new Float64Array(36))[0]).toBeNaN();
    expect(reussAverages(compliance(cubic(300, 100, 0))).shear).toBeNaN();
  });
});
