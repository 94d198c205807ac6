import { rankCorrelation } from '../../kernels/calibration/rank-correlation.ts';
import type { HashField } from '../../model/content-hash.ts';
import { compareIds } from '../../model/id-order.ts';
import type { Target, TargetTransform } from '../../model/target.ts';
import { intervalAround, learnedDeviation } from '../ensemble/learned-scale.ts';
import {
  calibrate,
  calibratedGroups,
  calibrationFor,
  conformalHalfWidth,
  type Deviation,
  fitted,
  groupsIn,
  isIn,
  LEVELS,
  meanInterval,
  meanOf,
  NORMAL_QUANTILES,
  squaredDeviations,
} from './calibration.ts';
import type { MeasuredRow } from './measured-row.ts';
import {
  type Covered,
  MEASURED_SUBSETS,
  type MeasuredSubset,
  type RoundUncertainty,
  type TargetCalibration,
  type UncertaintyMetrics,
} from './uncertainty-metrics.ts';

export interface UncertaintySettings {
  readonly targets: readonly Target[];
  /** By target. */
  readonly transforms: readonly TargetTransform[];
  readonly seed: number;
  readonly round: number;
  /** Of the round before, by whose models the batch was predicted. */
  readonly before: readonly TargetCalibration[];
}

/** Scale and quantiles that hold for a row. */
type Fit = Pick<TargetCalibration, 'scale' | 'quantiles'>;
type FitOf = (row: Deviation, index: number) => Fit | undefined;

/**
 * Calibrates a round by its reserve, and measures how that holds: on the test set with the calibration as it is; on the
 * reserve itself by cross-fitting, since rows that calibrate would flatter; on the batch with the calibration by which
 * it was predicted. In steps between which other work can be done. The order of the rows does not matter.
 */
export function* roundUncertainty(
  rows: readonly MeasuredRow[],
  { targets, transforms, seed, round, before }: UncertaintySettings,
): Generator<void, RoundUncertainty> {
  const sorted = rows.toSorted((a, b) => compareIds(a.materialId, b.materialId));
  const calibrations: TargetCalibration[] = [];
  const metrics: UncertaintyMetrics[] = [];
  for (const [t, target] of targets.entries()) {
    const of = (subset: MeasuredSubset) => deviations(sorted, subset, t, transforms[t]!);
    const reserve = of('reserve');
    const own = calibrate(target, reserve, [seed, round]);
    calibrations.push(...own);
    yield;
    const by =
      (from: readonly TargetCalibration[]): FitOf =>
      (row) =>
        calibrationFor(from, target, row.group);
    const fits: Record<MeasuredSubset, FitOf> = { reserve: crossFits(reserve), test: by(own), batch: by(before) };
    for (const subset of MEASURED_SUBSETS) {
      const found = of(subset);
      const fit = found.map(fits[subset]);
      for (const group of groupsIn(found)) {
        const wanted = found.map((row, i) => ({ row, fit: fit[i] })).filter(({ row }) => isIn(row, group));
        metrics.push({ target, subset, group, ...measured(wanted, [seed, round, subset, target, group]) });
        yield;
      }
    }
  }
  return { calibrations, metrics };
}

/** With what the width of an interval in the target's unit needs. */
interface PredictedDeviation extends Deviation {
  readonly mean: number;
  readonly transform: TargetTransform;
}

/** The rows whose value is known. */
function deviations(
  rows: readonly MeasuredRow[],
  wanted: MeasuredSubset,
  t: number,
  transform: TargetTransform,
): PredictedDeviation[] {
  return rows
    .filter(({ subset, actual }) => subset === wanted && !Number.isNaN(actual[t]!))
    .map(({ group, ...row }) => {
      const mean = row.mean[t]!;
      const one = { mean, standardDeviation: row.standardDeviation[t]!, actual: row.actual[t]! };
      return { group, mean, transform, ...learnedDeviation(one, transform) };
    });
}

const FOLDS = 10;

/** For each row the fit by the rows of all other folds. */
function crossFits(rows: readonly Deviation[]): FitOf {
  // Those of all rows: a row must be calibrated as its group is in the end, though a fold less of it is there.
  const groups = calibratedGroups(rows);
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const others = rows.filter((__, i) => i % FOLDS !== fold);
    return new Map(groups.map((group) => [group, fitted(others.filter((row) => isIn(row, group)))]));
  });
  return ({ group }, i) => folds[i % FOLDS]!.get(group) ?? folds[i % FOLDS]!.get('');
}

type Measured = Omit<UncertaintyMetrics, 'target' | 'subset' | 'group'>;

function measured(
  pairs: readonly { readonly row: PredictedDeviation; readonly fit: Fit | undefined }[],
  seed: readonly HashField[],
): Measured {
  const rows = pairs.map(({ row }) => row);
  const squares = squaredDeviations(rows);
  const isCalibrated = pairs.every(({ fit }) => fit !== undefined);
  const scales = pairs.map(({ fit }) => fit?.scale ?? Number.NaN);
  return {
    count: rows.length,
    meanSquaredZ: meanOf(squares),
    meanSquaredZInterval: meanInterval(squares, seed),
    ...(isCalibrated && scaledSquares(rows, scales, seed)),
    rankCorrelation: rankCorrelation(
      rows.map(({ error }) => error),
      rows.map(({ standardDeviation }) => standardDeviation),
    ),
    coverage: LEVELS.map((level, l) => {
      const within = (halves: readonly number[]) => covered(rows, halves);
      const normal = (scale: number, { standardDeviation }: Deviation) =>
        NORMAL_QUANTILES[l]! * scale * standardDeviation;
      const conformal = pairs.map(({ row, fit }) => {
        return conformalHalfWidth(fit?.quantiles[l]?.quantile ?? Number.NaN, row.standardDeviation);
      });
      return {
        level,
        raw: within(rows.map((row) => normal(1, row))),
        ...(isCalibrated && { scaled: within(rows.map((row, i) => normal(scales[i]!, row))) }),
        ...(isCalibrated && { conformal: within(conformal) }),
      };
    }),
  };
}

function scaledSquares(rows: readonly Deviation[], scales: readonly number[], seed: readonly HashField[]) {
  const squares = squaredDeviations(rows, scales);
  return {
    scaledMeanSquaredZ: meanOf(squares),
    scaledMeanSquaredZInterval: meanInterval(squares, [...seed, 'scaled']),
  };
}

function covered(rows: readonly PredictedDeviation[], halves: readonly number[]): Covered {
  const inside = rows.filter(({ error }, i) => error <= halves[i]!).length;
  if (rows.every(({ transform }) => transform === 'none')) return { inside, width: 2 * meanOf(halves) };
  const widths = rows.map(({ mean, transform }, i) => {
    const { low, high } = intervalAround(mean, halves[i]!, transform);
    return high - low;
  });
  return { inside, width: meanOf(widths) };
}
