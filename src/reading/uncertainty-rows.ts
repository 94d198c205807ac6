import { binomialInterval } from '../kernels/calibration/binomial-interval.ts';
import type { Interval } from '../kernels/calibration/bootstrap-interval.ts';
import type { Covered, TargetCalibration, UncertaintyMetrics } from '../learning/acquisition/uncertainty-metrics.ts';
import type { RoundHistory } from './campaign-history.ts';

/** The share of known values within their intervals, with its own 95 % interval; null where it is not defined. */
interface CoverageRow {
  /** 0 to 1. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** Mean width of the intervals, in the target's unit; null where one is unbounded. */
  readonly width: number | null;
}

interface LevelRow {
  readonly level: number;
  readonly raw: CoverageRow;
  /** Null without calibration. */
  readonly scaled: CoverageRow | null;
  readonly conformal: CoverageRow | null;
}

/** How well a target's STDEV tells the errors of one set of rows, as all outputs name it. */
export interface UncertaintyRow {
  readonly target: string;
  readonly subset: UncertaintyMetrics['subset'];
  /** `all`, or a group that is calibrated apart. */
  readonly group: string;
  readonly count: number;
  readonly mean_squared_z: number | null;
  readonly mean_squared_z_low: number | null;
  readonly mean_squared_z_high: number | null;
  readonly scaled_mean_squared_z: number | null;
  readonly scaled_mean_squared_z_low: number | null;
  readonly scaled_mean_squared_z_high: number | null;
  readonly rank_correlation: number | null;
  readonly coverage: readonly LevelRow[];
}

/** How a target's STDEV becomes an error bar. */
export interface CalibrationRow {
  readonly target: string;
  readonly group: string;
  readonly count: number;
  readonly scale: number | null;
  readonly scale_low: number | null;
  readonly scale_high: number | null;
  /** Mean -+ quantile x STDEV is the interval; null where nothing bounds it. */
  readonly quantiles: readonly { readonly level: number; readonly quantile: number | null }[];
}

export function uncertaintyRows({ selected }: RoundHistory): UncertaintyRow[] {
  return (selected?.uncertainty?.metrics ?? []).map((metrics) => ({
    ...{ target: metrics.target, subset: metrics.subset, group: groupName(metrics), count: metrics.count },
    ...squares('mean_squared_z', metrics.meanSquaredZ, metrics.meanSquaredZInterval),
    ...squares('scaled_mean_squared_z', metrics.scaledMeanSquaredZ, metrics.scaledMeanSquaredZInterval),
    rank_correlation: finiteOrNull(metrics.rankCorrelation),
    coverage: metrics.coverage.map(({ level, raw, scaled, conformal }) => ({
      level,
      raw: coverageRow(raw, metrics.count),
      scaled: scaled ? coverageRow(scaled, metrics.count) : null,
      conformal: conformal ? coverageRow(conformal, metrics.count) : null,
    })),
  }));
}

export function calibrationRows({ selected }: RoundHistory): CalibrationRow[] {
  return (selected?.uncertainty?.calibrations ?? []).map((calibration) => ({
    ...{ target: calibration.target, group: groupName(calibration), count: calibration.count },
    scale: finiteOrNull(calibration.scale),
    scale_low: finiteOrNull(calibration.scaleInterval.low),
    scale_high: finiteOrNull(calibration.scaleInterval.high),
    quantiles: calibration.quantiles.map(({ level, quantile }) => ({ level, quantile: finiteOrNull(quantile) })),
  }));
}

export function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function groupName({ group }: Pick<TargetCalibration, 'group'>): string {
  return group === '' ? 'all' : group;
}

function squares<N extends string>(name: N, value: number | undefined, interval: Interval | undefined) {
  return {
    [name]: finiteOrNull(value),
    [`${name}_low`]: finiteOrNull(interval?.low),
    [`${name}_high`]: finiteOrNull(interval?.high),
  } as Record<N | `${N}_low` | `${N}_high`, number | null>;
}

function coverageRow({ inside, width }: Covered, count: number): CoverageRow {
  return { share: inside / count, ...binomialInterval(inside, count), width: finiteOrNull(width) };
}
