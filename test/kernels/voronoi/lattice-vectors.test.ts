import { expect, it } from 'vitest';
import { latticeVectorsWithin } from '../../../src/kernels/voronoi/lattice-vectors.ts';

const CUBE = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

it.each([
  [0, 1],
  [0.99, 1],
  [1, 7],
  [Math.SQRT2, 19],
  [Math.sqrt(3), 27],
  [2, 33],
])('up to %d the simple cubic lattice has %d vectors', (radius, count) => {
  expect(latticeVectorsWithin(CUBE, radius).count).toBe(count);
});

it('gives coefficients and vectors that belong together', () => {
  const basis = Float64Array.of(2, 0, 0, -1, 3, 0, 0.5, 0.7, -4);
  const { count, coefficients, cartesian } = latticeVectorsWithin(basis, 9);
  expect([coefficients.length, cartesian.length]).toEqual([3 * count, 3 * count]);
  const listed = new Set<string>();
  for (let i = 0; i < 3 * count; i += 3) {
    const [a, b, c] = coefficients.subarray(i, i + 3) as unknown as [number, number, number];
    for (let k = 0; k < 3; k++)
      expect(cartesian[i + k]).toBeCloseTo(a * basis[k]! + b * basis[3 + k]! + c * basis[6 + k]!, 12);
    listed.add(`${a},${b},${c}`);
  }
  expect(listed.size).toBe(count);
  let expected = 0;
  for (let n = 0; n < 21 ** 3; n++) {
    const [a, b, c] = [(n % 21) - 10, (Math.floor(n / 21) % 21) - 10, Math.floor(n / 441) - 10];
    if (Math.hypot(...[0, 1, 2].map((k) => a * basis[k]! + b * basis[3 + k]! + c * basis[6 + k]!)) <= 9) expected++;
  }
  expect(count).toBe(expected);
});
