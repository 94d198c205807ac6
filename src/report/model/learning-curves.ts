import type { Target } from '../../model/target.ts';
import { type MetricsRow, metricsOf, type ReportArm, type ReportModel } from '../report-model.ts';

/** The error of a strategy against the labels that it added, over all of its seeds. */
export interface LearningCurve {
  readonly strategy: string;
  readonly seeds: number;
  /** The place of its first arm. */
  readonly arm: number;
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly round: number;
  readonly added: number;
  /** GPa; of several seeds the median. */
  readonly mae: number;
  /** Of the band: +- STDEV of the members' MAE, or the lowest and highest of the seeds. */
  readonly low: number;
  readonly high: number;
}

/** A curve per strategy, in the order of the arms. */
export function learningCurves(
  { arms }: Pick<ReportModel, 'arms'>,
  target: Target,
  subset: MetricsRow['subset'],
): LearningCurve[] {
  const firsts = arms.flatMap(({ strategy }, i) =>
    arms.findIndex((arm) => arm.strategy === strategy) === i ? [i] : [],
  );
  return firsts.map((first) => {
    const { strategy } = arms[first]!;
    const seeds = arms.filter((arm) => arm.strategy === strategy);
    const own = seeds.map((arm) => armPoints(arm, target, subset));
    const points = own.length === 1 ? own[0]! : acrossSeeds(own);
    return { strategy, seeds: seeds.length, arm: first, points };
  });
}

function armPoints({ rounds }: ReportArm, target: Target, subset: MetricsRow['subset']): CurvePoint[] {
  return rounds.flatMap((row) => {
    const metrics = metricsOf(row, target, subset);
    if (metrics === undefined || !Number.isFinite(metrics.mae)) return [];
    const { mae, maeStandardDeviation } = metrics;
    const spread = Number.isFinite(maeStandardDeviation) ? Math.abs(maeStandardDeviation) : 0;
    return [
      { round: row.round, added: row.added, mae, low: Math.max(Math.min(0, mae), mae - spread), high: mae + spread },
    ];
  });
}

/** Of the rounds that every seed has measured, so that no step of the curve comes from a seed that ends. */
function acrossSeeds(seeds: readonly (readonly CurvePoint[])[]): CurvePoint[] {
  return seeds[0]!.flatMap(({ round }) => {
    const same = seeds.flatMap((points) => points.find((point) => point.round === round) ?? []);
    if (same.length < seeds.length) return [];
    const maes = same.map(({ mae }) => mae);
    const added = median(same.map((point) => point.added));
    return [{ round, added, mae: median(maes), low: Math.min(...maes), high: Math.max(...maes) }];
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
