import type { Target } from '../../model/target.ts';
import { calibrationFor, conformalHalfWidth } from './calibration.ts';
import type { TargetCalibration } from './uncertainty-metrics.ts';

/** What a round's calibration makes of mean and STDEV, in the target's unit. */
export interface CalibratedEstimate {
  /** STDEV times the scale; NaN where the reserve gives none. */
  readonly calibratedStdev: number;
  /** The conformal interval; infinite where nothing bounds it. */
  readonly low: number;
  readonly high: number;
}

export interface CalibratedQuestion {
  readonly target: Target;
  readonly group: string;
  /** One of LEVELS. */
  readonly level: number;
}

/** Undefined where the round has no calibration of the target, or not for this level. */
export function calibratedEstimate(
  { mean, stdev }: { readonly mean: number; readonly stdev: number },
  calibrations: readonly TargetCalibration[],
  { target, group, level }: CalibratedQuestion,
): CalibratedEstimate | undefined {
  const found = calibrationFor(calibrations, target, group);
  const quantile = found?.quantiles.find((one) => one.level === level)?.quantile;
  if (found === undefined || quantile === undefined) return undefined;
  const half = conformalHalfWidth(quantile, stdev);
  return { calibratedStdev: found.scale * stdev, low: mean - half, high: mean + half };
}
