import fc from 'fast-check';

/** The stiffness of a cubic crystal in its own axes, Voigt order. */
export function cubic(c11: number, c12: number, c44: number): Float64Array {
  const stiffness = new Float64Array(36);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) stiffness[6 * i + j] = i === j ? c11 : c12;
    stiffness[7 * (i + 3)] = c44;
  }
  return stiffness;
}

/** Zincblende SiC by DFT (emmet's test data), GPa. */
export const SILICON_CARBIDE = cubic(383.887, 127.08, 241.122);

/** Invented, positive definite, without any symmetry, GPa. */
export const TRICLINIC = Float64Array.of(
  ...[150.2, 61.3, 48.9, -5.1, 2.2, 7.3],
  ...[61.3, 128.4, 55.7, 3.9, -4.4, 1.6],
  ...[48.9, 55.7, 171.8, -2.8, 6.1, -3.3],
  ...[-5.1, 3.9, -2.8, 38.6, 4.2, -1.9],
  ...[2.2, -4.4, 6.1, 4.2, 44.7, 2.5],
  ...[7.3, 1.6, -3.3, -1.9, 2.5, 51.3],
);

/** Trigonal with C14, similar to quartz, GPa. */
export const TRIGONAL = Float64Array.of(
  ...[86.8, 7, 19.1, -18, 0, 0],
  ...[7, 86.8, 19.1, 18, 0, 0],
  ...[19.1, 19.1, 105.8, 0, 0, 0],
  ...[-18, 18, 0, 58.2, 0, 0],
  ...[0, 0, 0, 0, 58.2, -18],
  ...[0, 0, 0, 0, -18, 39.9],
);

/** A A^T + d: positive definite by construction, with a condition number up to about a thousand. */
export const stiffnesses: fc.Arbitrary<Float64Array> = fc
  .tuple(
    fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 36, maxLength: 36 }),
    fc.double({ min: 1, max: 200, noNaN: true }),
  )
  .map(([a, d]) => {
    const stiffness = new Float64Array(36);
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) {
        for (let k = 0; k < 6; k++) stiffness[6 * i + j]! += a[6 * i + k]! * a[6 * j + k]!;
        if (i === j) stiffness[7 * i]! += d;
      }
    }
    return stiffness;
  });

/** Proper rotations, from unit quaternions. */
export const rotations: fc.Arbitrary<Float64Array> = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .filter((q) => Math.hypot(...q) > 0.1)
  .map((q) => {
    const size = Math.hypot(...q);
    const [w, x, y, z] = q.map((part) => part / size) as [number, number, number, number];
    return Float64Array.of(
      ...[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
      ...[2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
      ...[2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    );
  });

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
