import type { ParityPoint } from '../report-model.ts';
import { errorOf } from './calibration.ts';

const NAMED = 5;

/** The points with the largest errors, the largest first. */
export function worstPoints(points: readonly ParityPoint[]): ParityPoint[] {
  return points
    .filter((point) => Number.isFinite(errorOf(point)))
    .sort((a, b) => errorOf(b) - errorOf(a))
    .slice(0, NAMED);
}
