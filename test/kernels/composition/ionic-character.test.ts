import { describe, expect, it } from 'vitest';
import { writeIonicCharacter } from '../../../src/kernels/composition/ionic-character.ts';

function ionicCharacter(electronegativity: number[], amounts: number[]): number[] {
  const out = new Float64Array(2);
  writeIonicCharacter(
    Uint8Array.from(amounts.keys()),
    Float64Array.from(amounts),
    Float64Array.from(electronegativity),
    out,
    0,
  );
  return Array.from(out);
}

describe('writeIonicCharacter', () => {
  it('follows Pauling, a pair weighing as the product of its fractions', () => {
    const [greatest, mean] = ionicCharacter([1.3, 3.04], [1, 1]);
    expect(greatest).toBeCloseTo(0.5308815576, 10);
    expect(mean).toBeCloseTo(0.1327203894, 10);
  });

  it('is zero for a pure element and for elements that pull alike', () => {
    expect(ionicCharacter([2], [4])).toEqual([0, 0]);
    expect(ionicCharacter([2, 2], [4, 1])).toEqual([0, 0]);
  });
});
