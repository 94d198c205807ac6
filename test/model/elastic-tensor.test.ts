import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createElasticTensor,
  gigapascalFromKilobar,
  rotateStiffness,
  voigtFromVasp,
} from '../../src/model/elastic-tensor.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import { cubic, largestDifference, rotations, stiffnesses, TRICLINIC } from '../support/elasticity.ts';

function rejection(values: ArrayLike<number>): RejectedInput {
  try {
    createElasticTensor(values);
  } catch (error) {
    if (error instanceof RejectedInput) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('createElasticTensor', () => {
  it('averages Cij and Cji and tells the largest difference', () => {
    const values = cubic(100, 50, 30);
    values[1] = 51;
    values[6] = 49;
    const { stiffness, asymmetry } = createElasticTensor(values);
    expect([stiffness[1], stiffness[6], asymmetry]).toEqual([50, 50, 2]);
  });

  it('refuses a slipped digit and names both entries', () => {
    const values = cubic(383.887, 127.08, 241.122);
    values[2] = 12.708;
    const { code, message } = rejection(values);
    expect(code).toBe('asymmetric_tensor');
    expect(message).toContain('C13 = 12.708 and C31 = 127.08 GPa');
  });

  it.each([
    [Number.NaN, 'bad_number'],
    [Number.POSITIVE_INFINITY, 'bad_number'],
    [1e12, 'out_of_range'],
  ])('refuses an entry of %d', (value, code) => {
    const values = cubic(100, 50, 30);
    values[35] = value;
    const error = rejection(values);
    expect(error.code).toBe(code);
    expect(error.message).toContain('C66');
  });

  it('refuses 21 numbers', () => {
    expect(rejection(new Float64Array(21)).code).toBe('missing_field');
  });

  it('does not share memory with its input', () => {
    const values = cubic(100, 50, 30);
    const { stiffness } = createElasticTensor(values);
    values[0] = 0;
    expect(stiffness[0]).toBe(100);
  });
});

describe('order and unit', () => {
  it('takes VASP rows XX YY ZZ XY YZ ZX to Voigt rows XX YY ZZ YZ ZX XY', () => {
    const vasp = Float64Array.from({ length: 36 }, (_, i) => 10 * (Math.floor(i / 6) + 1) + (i % 6) + 1);
    const voigt = voigtFromVasp(vasp);
    // YZ is VASP's fifth, ZX its sixth, XY its fourth.
    expect(Array.from(voigt.subarray(18, 24))).toEqual([51, 52, 53, 55, 56, 54]);
    expect(Array.from(voigt.subarray(30, 36))).toEqual([41, 42, 43, 45, 46, 44]);
  });

  it('has ten kBar in a GPa', () => {
    expect(gigapascalFromKilobar(5863)).toBe(586.3);
  });
});

describe('rotateStiffness', () => {
  it('equals pymatgen 2026.10.24 (37 degrees about [1, 2, 3], tolerance 1e-9 GPa)', () => {
    const rotation = [
      0.8130186879010576, -0.45375913575998295, 0.36483319453963614, 0.5112918471750422, 0.856168221462352,
      -0.07454276336658207, -0.2785341274170473, 0.24714089761175967, 0.928084110731176,
    ];
    const expected = [
      142.1813816733, 53.9995756829, 62.7663679019, -0.4532789067, 0.7405734527, 3.9192291278, 53.9995756829,
      149.1112454644, 51.4988319155, -4.6840287677, -1.0955378249, 13.0455856755, 62.7663679019, 51.4988319155,
      154.3778218617, -0.9444221235, 13.1578912009, -9.8672988079, -0.4532789067, -4.6840287677, -0.9444221235,
      44.5668849546, 1.7637657791, -0.4810282477, 0.7405734527, -1.0955378249, 13.1578912009, 1.7637657791,
      49.7561993019, 3.604646333, 3.9192291278, 13.0455856755, -9.8672988079, -0.4810282477, 3.604646333, 42.6416912438,
    ];
    expect(largestDifference(rotateStiffness(TRICLINIC, rotation), expected)).toBeLessThan(1e-9);
  });

  it('turns back', () => {
    fc.assert(
      fc.property(stiffnesses, rotations, (stiffness, r) => {
        const inverse = [r[0]!, r[3]!, r[6]!, r[1]!, r[4]!, r[7]!, r[2]!, r[5]!, r[8]!];
        const scale = Math.max(...stiffness.map(Math.abs));
        expect(largestDifference(rotateStiffness(rotateStiffness(stiffness, r), inverse), stiffness)).toBeLessThan(
          1e-13 * 36 * scale,
        );
      }),
    );
  });
});
