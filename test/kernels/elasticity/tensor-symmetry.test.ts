import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TensorPattern, tensorSymmetry } from '../../../src/kernels/elasticity/tensor-symmetry.ts';
import { rotateStiffness } from '../../../src/model/elastic-tensor.ts';
import { cubic, rotations, SILICON_CARBIDE, TRICLINIC, TRIGONAL } from '../../support/elasticity.ts';

/** A symmetric tensor from its upper entries, `ij` in Voigt numbers. */
function tensor(entries: Readonly<Record<string, number>>): Float64Array {
  const stiffness = new Float64Array(36);
  for (const [name, value] of Object.entries(entries)) {
    const [i, j] = [Number(name[1]) - 1, Number(name[2]) - 1];
    stiffness[6 * i + j] = value;
    stiffness[6 * j + i] = value;
  }
  return stiffness;
}

const TETRAGONAL = { c11: 270, c22: 270, c12: 170, c13: 150, c23: 150, c33: 480, c44: 120, c55: 120, c66: 190 };
const ORTHORHOMBIC = { c11: 330, c22: 200, c33: 235, c12: 66, c13: 68, c23: 73, c44: 67, c55: 81, c66: 80 };

const CASES: readonly (readonly [string, Float64Array, TensorPattern, number, string | undefined])[] = [
  ['isotropic', cubic(300, 100, 100), 'isotropic', 2, undefined],
  ['SiC', SILICON_CARBIDE, 'cubic', 3, undefined],
  ['hexagonal', tensor({ ...TETRAGONAL, c66: 50 }), 'hexagonal', 5, 'z'],
  ['tetragonal', tensor(TETRAGONAL), 'tetragonal', 6, 'z'],
  ['tetragonal with C16', tensor({ ...TETRAGONAL, c16: 20, c26: -20 }), 'tetragonal', 7, 'z'],
  ['trigonal', TRIGONAL, 'trigonal', 6, 'z'],
  ['orthorhombic', tensor(ORTHORHOMBIC), 'orthorhombic', 9, undefined],
  ['monoclinic about y', tensor({ ...ORTHORHOMBIC, c15: 12, c25: -9, c35: 7, c46: 5 }), 'monoclinic', 13, 'y'],
  ['monoclinic about x', tensor({ ...ORTHORHOMBIC, c14: 12, c24: -9, c34: 7, c56: 5 }), 'monoclinic', 13, 'x'],
  ['monoclinic about z', tensor({ ...ORTHORHOMBIC, c16: 12, c26: -9, c36: 7, c45: 5 }), 'monoclinic', 13, 'z'],
  ['triclinic', TRICLINIC, 'triclinic', 21, undefined],
];

describe('tensorSymmetry', () => {
  it.each(CASES)('finds %s', (_, stiffness, pattern, independentConstants, axis) => {
    const found = tensorSymmetry(stiffness);
    expect({ ...found, deviation: undefined }).toEqual({
      pattern,
      independentConstants,
      deviation: undefined,
      ...(axis === undefined ? {} : { axis }),
    });
  });

  it('finds a trigonal tensor with C15 or with both', () => {
    const quarter = Float64Array.of(0, -1, 0, 1, 0, 0, 0, 0, 1);
    const turned = rotateStiffness(TRIGONAL, quarter);
    expect(Math.abs(turned[4]!)).toBeCloseTo(18, 12);
    expect(tensorSymmetry(turned)).toMatchObject({ pattern: 'trigonal', independentConstants: 6, axis: 'z' });
    const [c, s] = [Math.cos(0.2), Math.sin(0.2)];
    const skew = rotateStiffness(TRIGONAL, Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1));
    expect(tensorSymmetry(skew)).toMatchObject({ pattern: 'trigonal', independentConstants: 7 });
  });

  it('finds a main axis along x', () => {
    const about = Float64Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0);
    expect(tensorSymmetry(rotateStiffness(tensor(TETRAGONAL), about))).toMatchObject({
      pattern: 'tetragonal',
      axis: 'x',
    });
  });

  it('overlooks noise below one part in a hundred, and says how much', () => {
    const noisy = Float64Array.from(SILICON_CARBIDE);
    noisy[0]! += 2;
    const found = tensorSymmetry(noisy);
    expect(found.pattern).toBe('cubic');
    expect(found.deviation).toBeCloseTo(2, 9);
    noisy[0]! += 20;
    expect(tensorSymmetry(noisy).pattern).toBe('tetragonal');
  });

  it('finds an isotropic tensor in whatever axes', () => {
    fc.assert(
      fc.property(rotations, (rotation) => {
        expect(tensorSymmetry(rotateStiffness(cubic(300, 100, 100), rotation)).pattern).toBe('isotropic');
      }),
    );
  });
});
