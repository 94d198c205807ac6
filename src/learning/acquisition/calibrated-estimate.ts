import type { Target, TargetTransform } from '../../model/target.ts';
import { intervalAround } from '../ensemble/learned-scale.ts';
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
  /** On which scale the target is learned, and so the interval made. */
  readonly transform: TargetTransform;
}

/** Undefined where the round has no calibration of the target, or not for this level. */
export function calibratedEstimate(
  { mean, stdev }: { readonly mean: number; readonly stdev: number },
  calibrations: readonly TargetCalibration[],
  { target, group, level, transform }: CalibratedQuestion,
): CalibratedEstimate | undefined {
  const found = calibrationFor(calibrations, target, group);
  const quantile = found?.quantiles.find((one) => one.level === level)?.quantile;
  if (found === undefined || quantile === undefined) return undefined;
  const half = conformalHalfWidth(quantile, transform === 'log' ? stdev / mean : stdev);
  return { calibratedStdev: found.scale * stdev, ...intervalAround(mean, half, transform) };
}
