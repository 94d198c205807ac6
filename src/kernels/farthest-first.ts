/**
 * Points that lie far apart: always the one whose nearest chosen point is farthest.
 * Method: the first is point 0, or, beside others, the farthest from those; of equally far ones the first. No choice of
 * as many points has a smallest distance over twice as large.
 * Source: Gonzalez, Theor. Comput. Sci. 38 (1985) 293, doi:10.1016/0304-3975(85)90224-5.
 * Shapes: points: [n][d], beside: [m][d].
 * Units: Euclidean distance in those of the coordinates.
 * Returns: indices of `count` points in the order of their choice; all of them where there are fewer.
 * Errors: none; a coordinate that is NaN is no distance: finite ones are required.
 * Known value: of 0, 1, 9, 10 on a line three are 0, 10, 1.
 */
export function farthestFirst(
  points: readonly ArrayLike<number>[],
  count: number,
  beside: readonly ArrayLike<number>[] = [],
): number[] {
  const nearest = new Float64Array(points.length).fill(Number.POSITIVE_INFINITY);
  const approach = (point: ArrayLike<number>) => {
    for (let i = 0; i < points.length; i++) nearest[i] = Math.min(nearest[i]!, squaredDistance(points[i]!, point));
  };
  for (const point of beside) approach(point);
  const chosen: number[] = [];
  while (chosen.length < Math.min(count, points.length)) {
    let farthest = -1;
    for (let i = 0; i < points.length; i++) {
      if (nearest[i]! >= 0 && (farthest < 0 || nearest[i]! > nearest[farthest]!)) farthest = i;
    }
    chosen.push(farthest);
    approach(points[farthest]!);
    nearest[farthest] = TAKEN;
  }
  return chosen;
}

/** Less than any squared distance, so no point is chosen twice. */
const TAKEN = Number.NEGATIVE_INFINITY;

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j]! - b[j]!) ** 2;
  return sum;
}
