import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expectedHypervolumeImprovement,
  type FrontPoint,
  paretoFront,
} from '../../src/kernels/hypervolume-improvement.ts';

const value = fc.integer({ min: -4, max: 4 });
const cloud = fc.array(fc.record({ x: value, y: value }), { maxLength: 8 });
const ORIGIN = { x: 0, y: 0 };

/** The area between points and the reference, cell by cell of a grid of whole numbers. */
function area(points: readonly FrontPoint[]): number {
  let cells = 0;
  for (let x = 0; x < 8; x++) for (let y = 0; y < 8; y++) cells += +points.some((p) => p.x > x && p.y > y);
  return cells;
}

describe('paretoFront', () => {
  it('holds what no other point matches or exceeds', () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const front = paretoFront(points);
        const beaten = (p: FrontPoint) => points.some((q) => q.x >= p.x && q.y >= p.y && (q.x > p.x || q.y > p.y));
        const wanted = points.filter((p) => !beaten(p)).map(({ x, y }) => `${x} ${y}`);
        expect(front.map(({ x, y }) => `${x} ${y}`)).toEqual(
          [...new Set(wanted)].sort((a, b) => +a.split(' ')[0]! - +b.split(' ')[0]!),
        );
      }),
    );
  });

  it('leaves out what is not known', () =>
    expect(
      paretoFront([
        { x: Number.NaN, y: 9 },
        { x: 1, y: 2 },
      ]),
    ).toEqual([{ x: 1, y: 2 }]));
});

describe('expectedHypervolumeImprovement', () => {
  const at = (mean: readonly [number, number], s: number, points: readonly FrontPoint[]) =>
    expectedHypervolumeImprovement({ mean, standardDeviation: [s, s] }, paretoFront(points), ORIGIN);

  it('is 1 / 2 pi without a front, with means at the reference', () =>
    expect(at([0, 0], 1, [])).toBeCloseTo(0.159154943091895, 14));

  it('is the gain in area where nothing is uncertain, by counting cells', () => {
    fc.assert(
      fc.property(cloud, value, value, (points, x, y) => {
        const gain = area([...points, { x, y }]) - area(points);
        expect(at([x, y], 1e-9, points)).toBeCloseTo(gain, 6);
      }),
    );
  });

  it('is the integral of the gain over the density, numerically', () => {
    const points = [
      { x: 1, y: 2 },
      { x: 2, y: 0.5 },
    ];
    const [mean, s, step] = [[1.2, 0.8] as const, 0.7, 0.02];
    const free = (x: number, y: number) => {
      const gain = [
        [0, 1, 2],
        [1, 2, 0.5],
        [2, Number.POSITIVE_INFINITY, 0],
      ].map(([left, right, low]) => Math.max(0, Math.min(x, right!) - left!) * Math.max(0, y - low!));
      return gain.reduce((sum, part) => sum + part, 0);
    };
    const density = (z: number, of: number) => Math.exp(-0.5 * ((z - of) / s) ** 2) / (s * Math.sqrt(2 * Math.PI));
    let integral = 0;
    for (let x = -3; x < 6; x += step) {
      for (let y = -3; y < 6; y += step) {
        integral += free(x, y) * density(x, mean[0]) * density(y, mean[1]) * step * step;
      }
    }
    expect(at(mean, s, points)).toBeCloseTo(integral, 3);
  });

  it('counts nothing that does not exceed the reference', () =>
    expect(at([1, 1], 0.5, [{ x: -1, y: 5 }])).toBe(at([1, 1], 0.5, [])));
});
