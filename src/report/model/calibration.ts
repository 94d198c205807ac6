import type { ParityPoint } from '../report-model.ts';

/** Predictions of about the same STDEV. */
export interface ErrorBin {
  readonly count: number;
  /** Means over the bin, GPa. */
  readonly stdev: number;
  readonly error: number;
}

/** How many known values lie within mean +- z STDEV, beside how many should. */
export interface Coverage {
  /** 0 to 1. */
  readonly nominal: number;
  readonly observed: number;
}

/** Fewer make no steady mean. */
const BIN_POINTS_MIN = 15;
const BINS_MAX = 10;

/** Of a normal distribution: E|x| = STDEV sqrt(2/pi). */
export const ERROR_PER_STDEV = Math.sqrt(2 / Math.PI);
/** The two-sided quantiles z of a normal distribution. */
const LEVELS = [
  { nominal: 0.5, z: 0.67449 },
  { nominal: 0.68, z: 0.99446 },
  { nominal: 0.9, z: 1.64485 },
  { nominal: 0.95, z: 1.95996 },
] as const;

export const NOMINAL_SHARES = LEVELS.map(({ nominal }) => nominal);

/** |Predicted - known| against STDEV, in bins of equally many points, ascending. */
export function errorBins(points: readonly ParityPoint[]): ErrorBin[] {
  const sorted = usable(points).sort((a, b) => a.standardDeviation - b.standardDeviation);
  const bins = Math.max(1, Math.min(BINS_MAX, Math.floor(sorted.length / BIN_POINTS_MIN)));
  return Array.from({ length: bins }, (_, i) => {
    const bin = sorted.slice(Math.round((i * sorted.length) / bins), Math.round(((i + 1) * sorted.length) / bins));
    const stdev = mean(bin.map(({ standardDeviation }) => standardDeviation));
    return { count: bin.length, stdev, error: mean(bin.map(errorOf)) };
  }).filter(({ count }) => count > 0);
}

/** Empty where nothing is known. */
export function coverage(points: readonly ParityPoint[]): Coverage[] {
  const known = usable(points);
  if (known.length === 0) return [];
  return LEVELS.map(({ nominal, z }) => {
    const inside = known.filter((point) => errorOf(point) <= z * point.standardDeviation);
    return { nominal, observed: inside.length / known.length };
  });
}

export function errorOf({ actual, mean }: ParityPoint): number {
  return Math.abs(mean - actual);
}

function usable(points: readonly ParityPoint[]): ParityPoint[] {
  return points.filter((point) => Number.isFinite(errorOf(point)) && Number.isFinite(point.standardDeviation));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
