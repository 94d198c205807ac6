import {
  type BootstrapSettings,
  bootstrapInterval,
  type Interval,
} from '../../kernels/calibration/bootstrap-interval.ts';
import { conformalQuantile } from '../../kernels/calibration/split-conformal.ts';
import { hashedSeed } from '../../kernels/hashed-draw.ts';
import type { HashField } from '../../model/content-hash.ts';
import type { Target } from '../../model/target.ts';
import type { Calibration, LevelQuantile, TargetCalibration } from './uncertainty-metrics.ts';

/*
 * What the reserve says of a round's STDEV. z = |mean - known| / STDEV; were STDEV an error bar, z^2 would be 1 on
 * average. Scaled by the root of that average it is one on the reserve. The conformal quantile q of z at a level needs
 * no such assumption: mean +- q STDEV holds the known value of a further material of the pool with that probability.
 */

/** The probabilities with which intervals are to hold, and the same as half-widths of a normal distribution in STDEV. */
export const LEVELS = [0.68, 0.9, 0.95] as const;
export const NORMAL_QUANTILES: readonly number[] = [0.9944578832097531, 1.6448536269514722, 1.959963984540054];

/** Fewer rows of a group say too little of it: an interval at 95 % would then hold 91 to 99 % of it. */
const GROUP_ROWS_MIN = 50;

/** One target of one known row. */
export interface Deviation {
  readonly group: string;
  /** |mean - known| and STDEV on the scale on which the target is learned: in its unit, or relative. */
  readonly error: number;
  readonly standardDeviation: number;
}

/**
 * z of a row. Members that all agree say that they know: an error is then infinitely many STDEV.
 */
function deviationInStdev({ error, standardDeviation }: Deviation): number {
  return error === 0 ? 0 : error / standardDeviation;
}

/** The z^2 that are finite, in the order of the rows. */
export function squaredDeviations(rows: readonly Deviation[], scales?: readonly number[]): number[] {
  return rows.map((row, i) => (deviationInStdev(row) / (scales?.[i] ?? 1)) ** 2).filter(Number.isFinite);
}

/** The calibration by these rows, for all of them and for each group that is large enough. */
export function calibrate(target: Target, rows: readonly Deviation[], seed: readonly HashField[]): TargetCalibration[] {
  return calibratedGroups(rows).map((group) => {
    const some = rows.filter((row) => isIn(row, group));
    const squares = squaredDeviations(some);
    const { low, high } = meanInterval(squares, [...seed, 'scale', target, group]);
    return {
      ...{ target, group, count: some.length, quantiles: quantilesOf(some) },
      scale: Math.sqrt(meanOf(squares)),
      scaleInterval: { low: Math.sqrt(low), high: Math.sqrt(high) },
    };
  });
}

/** All rows, if there are any, and the groups that are large enough. */
export function calibratedGroups(rows: readonly Deviation[]): string[] {
  const [all, ...groups] = groupsIn(rows);
  const isLarge = (group: string) => rows.filter((row) => isIn(row, group)).length >= GROUP_ROWS_MIN;
  return all === undefined ? [] : [all, ...groups.filter(isLarge)];
}

/** All rows first, as the empty name; without rows none. */
export function groupsIn(rows: readonly Deviation[]): string[] {
  return rows.length === 0 ? [] : [...new Set(['', ...rows.map(({ group }) => group).sort()])];
}

export function isIn(row: Deviation, group: string): boolean {
  return group === '' || row.group === group;
}

/** The calibration that holds for a group of a target. */
export function calibrationFor<C extends Pick<TargetCalibration, 'target' | 'group'>>(
  calibrations: readonly C[],
  target: Target,
  group: string,
): C | undefined {
  const ofTarget = calibrations.filter((one) => one.target === target);
  return ofTarget.find((one) => one.group === group) ?? ofTarget.find((one) => one.group === '');
}

/** Half the width of the conformal interval; Infinity where nothing bounds it. */
export function conformalHalfWidth(quantile: number, standardDeviation: number): number {
  return quantile === Number.POSITIVE_INFINITY ? quantile : quantile * standardDeviation;
}

/** Scale and quantiles alone, which cross-fitting makes often. */
export function fitted(rows: readonly Deviation[]): Pick<Calibration, 'scale' | 'quantiles'> {
  return { scale: Math.sqrt(meanOf(squaredDeviations(rows))), quantiles: quantilesOf(rows) };
}

function quantilesOf(rows: readonly Deviation[]): LevelQuantile[] {
  const scores = rows.map(deviationInStdev);
  return LEVELS.map((level) => ({ level, quantile: conformalQuantile(scores, level) }));
}

const INTERVAL_LEVEL = 0.95;
/** About 10 ms. */
const DRAWS_MAX = 2_000_000;
const RESAMPLES = { min: 200, max: 1000 };

/** The 95 % bootstrap interval of a mean, the same wherever and whenever it is computed. */
export function meanInterval(values: readonly number[], seed: readonly HashField[]): Interval {
  const afforded = Math.floor(DRAWS_MAX / Math.max(1, values.length));
  const settings: BootstrapSettings = {
    seed: hashedSeed('bootstrap', seed),
    resamples: Math.min(RESAMPLES.max, Math.max(RESAMPLES.min, afforded)),
    level: INTERVAL_LEVEL,
  };
  return bootstrapInterval(values, settings);
}

/** NaN without values. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
