import { ensembleStatistics } from '../../kernels/ensemble-statistics.ts';
import { momentsOf, standardDeviation } from '../../kernels/population-moments.ts';
import {
  mergeRegressionErrors,
  NO_ERRORS,
  type RegressionErrors,
  type RegressionMetrics,
  regressionErrors,
  regressionMetrics,
} from '../../kernels/regression-errors.ts';
import { knownTarget, type Target } from '../../model/target.ts';

/** The bin width for moduli, and the default. */
export const STANDARD_DEVIATION_BIN_GPA = 0.5;
/** The bins begin at 0; the last one is open. */
const STANDARD_DEVIATION_BINS = 81;
/** Bins per STDEV of the labels, at least. The last bin then begins at 1.25 to 2.5 STDEV of the labels. */
const BINS_PER_LABEL_SPREAD = 32;

/**
 * The bin width of a target's histogram of STDEV, in the target's unit. It is the same in all partitions of a round.
 * @param labelSpread the STDEV of the round's labels
 */
export function spreadBin(target: Target, labelSpread: number): number {
  if (knownTarget(target) !== undefined) return STANDARD_DEVIATION_BIN_GPA;
  return labelSpread > 0 ? 2 ** Math.floor(Math.log2(labelSpread / BINS_PER_LABEL_SPREAD)) : 1;
}

/** What a partition tells about one target of all of its candidates; mergeable, so no candidate needs to travel. */
export interface ScoreAggregates {
  readonly count: number;
  readonly meanSum: number;
  readonly standardDeviationSum: number;
  readonly standardDeviationHistogram: readonly number[];
  /** The width of its bins, in the target's unit. */
  readonly standardDeviationBin: number;
  /** Where the truth is known (replay, simulation, test set): of the ensemble's mean, and of each member. */
  readonly ensembleErrors: RegressionErrors;
  readonly memberErrors: readonly RegressionErrors[];
}

/**
 * @param predictions Float64Array[members * n], member by member
 * @param actual n true values; NaN where not known
 * @param bin width of the histogram's bins
 */
export function aggregateScores(
  predictions: Float64Array,
  members: number,
  actual: ArrayLike<number>,
  bin = STANDARD_DEVIATION_BIN_GPA,
): ScoreAggregates {
  const { mean, standardDeviation: spread } = ensembleStatistics(predictions, members);
  const n = mean.length;
  const histogram = new Array<number>(STANDARD_DEVIATION_BINS).fill(0);
  for (const sd of spread) {
    const at = Math.min(STANDARD_DEVIATION_BINS - 1, Math.floor(sd / bin));
    histogram[at] = histogram[at]! + 1;
  }
  return {
    count: n,
    meanSum: mean.reduce((sum, x) => sum + x, 0),
    standardDeviationSum: spread.reduce((sum, x) => sum + x, 0),
    standardDeviationHistogram: histogram,
    standardDeviationBin: bin,
    ensembleErrors: regressionErrors(mean, actual),
    memberErrors: Array.from({ length: members }, (_, m) =>
      regressionErrors(predictions.subarray(m * n, (m + 1) * n), actual),
    ),
  };
}

/** The aggregates of all partitions. Sums of floats depend on their order: pass them in partition order. */
export function mergeAggregates(inPartitionOrder: readonly ScoreAggregates[]): ScoreAggregates {
  const members = inPartitionOrder[0]?.memberErrors.length ?? 0;
  const sum = (of: (part: ScoreAggregates) => number) => inPartitionOrder.reduce((total, part) => total + of(part), 0);
  const errors = (of: (part: ScoreAggregates) => RegressionErrors) =>
    inPartitionOrder.map(of).reduce(mergeRegressionErrors, NO_ERRORS);
  return {
    count: sum((part) => part.count),
    meanSum: sum((part) => part.meanSum),
    standardDeviationSum: sum((part) => part.standardDeviationSum),
    standardDeviationHistogram: Array.from({ length: STANDARD_DEVIATION_BINS }, (_, bin) =>
      sum((part) => part.standardDeviationHistogram[bin]!),
    ),
    standardDeviationBin: inPartitionOrder[0]?.standardDeviationBin ?? STANDARD_DEVIATION_BIN_GPA,
    ensembleErrors: errors((part) => part.ensembleErrors),
    memberErrors: Array.from({ length: members }, (_, m) => errors((part) => part.memberErrors[m]!)),
  };
}

/** The figures of a round for one target on one set of rows. */
export interface EnsembleMetrics extends RegressionMetrics {
  /** Population STDEV of the members' own MAE. */
  readonly maeStandardDeviation: number;
  /** Mean and population STDEV of the members' own figures: the paper's way of reporting. */
  readonly memberMae: number;
  readonly memberR2: number;
  readonly memberR2StandardDeviation: number;
}

export function ensembleMetrics({ ensembleErrors, memberErrors }: ScoreAggregates): EnsembleMetrics {
  const members = memberErrors.map(regressionMetrics);
  const mae = momentsOf(members.map((member) => member.mae));
  const r2 = momentsOf(members.map((member) => member.r2));
  return {
    ...regressionMetrics(ensembleErrors),
    maeStandardDeviation: standardDeviation(mae),
    memberMae: mae.count === 0 ? Number.NaN : mae.mean,
    memberR2: r2.count === 0 ? Number.NaN : r2.mean,
    memberR2StandardDeviation: standardDeviation(r2),
  };
}
