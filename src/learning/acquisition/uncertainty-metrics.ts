import type { Interval } from '../../kernels/calibration/bootstrap-interval.ts';
import type { Target } from '../../model/target.ts';

/**
 * Where predictions meet known values. `reserve` calibrates; `test` only measures; `batch` is what the round before
 * selected, with what was predicted then.
 */
export const MEASURED_SUBSETS = ['reserve', 'test', 'batch'] as const;
export type MeasuredSubset = (typeof MEASURED_SUBSETS)[number];

export interface LevelQuantile {
  readonly level: number;
  /** In STDEV; Infinity where the rows are too few for the level. */
  readonly quantile: number;
}

/** How a target's STDEV becomes an error bar. */
export interface Calibration {
  /** The rows that it is drawn from. */
  readonly count: number;
  /** The factor that makes the mean squared z 1 on them, and its 95 % interval; NaN without a usable row. */
  readonly scale: number;
  readonly scaleInterval: Interval;
  /** By LEVELS. */
  readonly quantiles: readonly LevelQuantile[];
}

export interface TargetCalibration extends Calibration {
  readonly target: Target;
  /** Empty for all materials, and for those whose own group has none. */
  readonly group: string;
}

/** How many rows lie within their interval, and how wide that is on average, in the target's unit. */
export interface Covered {
  readonly inside: number;
  /** Infinity where an interval is unbounded. */
  readonly width: number;
}

/** By the STDEV as it is, by the scaled one (both as if normal), and by the conformal quantiles. */
export interface LevelCoverage {
  readonly level: number;
  readonly raw: Covered;
  /** Absent without calibration. */
  readonly scaled?: Covered;
  readonly conformal?: Covered;
}

/** How well the STDEV of a target tells the errors of some rows. */
export interface UncertaintyMetrics {
  readonly target: Target;
  readonly subset: MeasuredSubset;
  /** Empty for all rows. */
  readonly group: string;
  readonly count: number;
  /** With its 95 % bootstrap interval; NaN without a usable row. */
  readonly meanSquaredZ: number;
  readonly meanSquaredZInterval: Interval;
  /** Of the scaled STDEV; absent without calibration. */
  readonly scaledMeanSquaredZ?: number;
  readonly scaledMeanSquaredZInterval?: Interval;
  /** Spearman's, of |error| and STDEV; NaN where not defined. */
  readonly rankCorrelation: number;
  readonly coverage: readonly LevelCoverage[];
}

export interface RoundUncertainty {
  /** By the reserve; empty without one. */
  readonly calibrations: readonly TargetCalibration[];
  readonly metrics: readonly UncertaintyMetrics[];
}
