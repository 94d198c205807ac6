import { logExpectedExcess } from './normal-distribution.ts';

/** A point of a front; larger is better in both. */
export interface FrontPoint {
  readonly x: number;
  readonly y: number;
}

/**
 * The points that no other point matches or exceeds in both coordinates, x ascending, so y descending.
 * Method: from the largest x down, whatever exceeds the largest y so far.
 * Source: Kung, Luccio, Preparata, J. ACM 22 (1975) 469, doi:10.1145/321906.321910.
 * Shapes: any number of points.
 * Units: those of the coordinates.
 * Errors: none; points with a coordinate that is NaN are left out.
 * Known value: of (1, 3), (2, 2), (1, 1) it is (1, 3), (2, 2).
 */
export function paretoFront(points: readonly FrontPoint[]): FrontPoint[] {
  const known = points.filter(({ x, y }) => !Number.isNaN(x) && !Number.isNaN(y));
  const front: FrontPoint[] = [];
  for (const point of known.sort((a, b) => b.x - a.x || b.y - a.y)) {
    if (front.length === 0 || point.y > front.at(-1)!.y) front.push(point);
  }
  return front.reverse();
}

/** Two independent normal values. */
export interface NormalPair {
  readonly mean: readonly [number, number];
  /** Above 0. */
  readonly standardDeviation: readonly [number, number];
}

/**
 * By how much a point that is not known yet is expected to raise the area between a front and a reference point.
 * Equation: the area that the front leaves free above the reference is a row of upright strips, from x_i to x_(i+1) and
 * from y_(i+1) up; EHVI = sum over the strips of (E_x(x_i) - E_x(x_(i+1))) E_y(y_(i+1)), where
 * E(a) = E[max(Y - a, 0)] = s (phi(u) + u Phi(u)), u = (mean - a) / s.
 * Source: Emmerich, Deutz, Klinkenberg, IEEE Congress on Evolutionary Computation (2011) 2147,
 * doi:10.1109/CEC.2011.5949880; the strips as Yang, Emmerich, Deutz, Baeck, J. Glob. Optim. 75 (2019) 3,
 * doi:10.1007/s10898-019-00798-7.
 * Shapes: front: as paretoFront returns it; what does not exceed the reference in both coordinates counts for nothing.
 * Units: the product of those of the coordinates.
 * Returns: 0 or more; 0 too where it is below the smallest number.
 * Errors: none; NaN for NaN.
 * Known value: without a front, with means at the reference and STDEVs of 1 it is 1 / (2 pi) = 0.159154943091895.
 */
export function expectedHypervolumeImprovement(
  { mean, standardDeviation }: NormalPair,
  front: readonly FrontPoint[],
  reference: FrontPoint,
): number {
  const excess = (axis: 0 | 1, above: number) => {
    if (above === Number.POSITIVE_INFINITY) return 0;
    const s = standardDeviation[axis];
    return s * Math.exp(logExpectedExcess((mean[axis] - above) / s));
  };
  const steps = front.filter(({ x, y }) => x > reference.x && y > reference.y);
  let sum = 0;
  let left = excess(0, reference.x);
  for (let i = 0; i <= steps.length; i++) {
    const right = excess(0, steps[i]?.x ?? Number.POSITIVE_INFINITY);
    sum += (left - right) * excess(1, steps[i]?.y ?? reference.y);
    left = right;
  }
  return sum;
}
