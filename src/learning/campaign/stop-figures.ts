import { meanUpperLimit, quantileUpperLimit } from '../../kernels/calibration/upper-limits.ts';
import { momentsOf } from '../../kernels/population-moments.ts';
import type { Target } from '../../model/target.ts';
import type { StopRule } from './campaign-config.ts';

/**
 * What a round's models say of the campaign's stop rules, recorded with its selection so that every node and every later
 * reader decides alike. A figure that nothing determines is infinite: it stops nothing.
 */
export interface StopFigure {
  readonly figure: FigureName;
  readonly target: Target;
  readonly value: number;
}

/**
 * By target, in its unit: `mae` and `errors` are upper confidence limits of the reserve's MAE and of the error that so
 * large a share of materials stays below; `gain` is the most that the reserve's MAE may fall by the next batch;
 * `uncertainty` is the mean calibrated STDEV over the candidates; `unimproved` counts the rounds since any label was
 * better than all before. `reserve_mae`, `best` and `trained` (labels) are kept for the rounds after.
 */
export const FIGURES = [
  'mae',
  'errors',
  'gain',
  'uncertainty',
  'unimproved',
  'reserve_mae',
  'best',
  'trained',
] as const;
type FigureName = (typeof FIGURES)[number];

/** What figures are made of. */
export interface StopEvidence {
  /** The number of the round: how often the reserve has been looked at. */
  readonly round: number;
  /** By target: |error| on the reserve. */
  readonly reserveErrors: readonly (readonly number[])[];
  /** By target: mean STDEV over the candidates, times the reserve's scale; NaN without one. */
  readonly calibratedStdev: readonly number[];
  /** By target: the largest label (the smallest where that is wanted); NaN if there is none. */
  readonly best: readonly number[];
  readonly isMinimal: boolean;
  /** Labels that the round's models trained on or held out, and how many the next batch adds. */
  readonly trained: number;
  readonly batch: number;
  /** Of the rounds before, first round first. */
  readonly before: readonly (readonly StopFigure[])[];
}

export const CONFIDENCE_DEFAULT = 0.95;
export const ERROR_SHARE_DEFAULT = 0.9;
/** With fewer rounds a trend is none. */
const TREND_ROUNDS_MIN = 4;
/** STDEVs of the slope that are allowed for. */
const SLOPE_MARGIN = 2;

/** None for a campaign without such rules. */
export function stopFigures(rule: StopRule, targets: readonly Target[], evidence: StopEvidence): StopFigure[] {
  const { below = {}, unimprovedRounds } = rule;
  const { reserveErrors, calibratedStdev, best } = evidence;
  const alpha = alphaAt(evidence.round, rule.confidence ?? CONFIDENCE_DEFAULT);
  const per = (figure: FigureName, value: (t: number) => number) =>
    targets.map((target, t): StopFigure => ({ figure, target, value: orInfinite(value(t)) }));
  const errorsOf = (t: number) => reserveErrors[t] ?? [];
  return [
    ...(below.mae ? per('mae', (t) => meanUpperLimit(errorsOf(t), alpha)) : []),
    ...(below.errors
      ? per('errors', (t) => quantileUpperLimit(errorsOf(t), rule.errorShare ?? ERROR_SHARE_DEFAULT, alpha))
      : []),
    ...(below.gain
      ? [
          ...per('reserve_mae', (t) => momentsOf(errorsOf(t)).mean),
          ...per('trained', () => evidence.trained),
          ...per('gain', (t) => predictedGain(targets[t]!, momentsOf(errorsOf(t)).mean, evidence)),
        ]
      : []),
    ...(below.uncertainty ? per('uncertainty', (t) => calibratedStdev[t] ?? Number.NaN) : []),
    ...(unimprovedRounds === undefined
      ? []
      : [...per('best', (t) => best[t] ?? Number.NaN), ...per('unimproved', () => unimproved(targets, evidence))]),
  ];
}

/**
 * What a round may err by, so that all rounds together err with at most 1 - confidence.
 * Equation: alpha_r = alpha / (r (r + 1)); the sum over all r from 1 is alpha.
 * Source: Bonferroni's inequality; alpha spending as in Lan, DeMets, Biometrika 70 (1983) 659, doi:10.1093/biomet/70.3.659.
 */
export function alphaAt(round: number, confidence: number): number {
  return (1 - confidence) / (round * (round + 1));
}

function orInfinite(value: number): number {
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

/**
 * By how much the next batch may lower the reserve's MAE: log MAE falls on a line against log labels (least squares over
 * all rounds), as steep as its slope plus two of its standard errors. Infinite for fewer than four rounds.
 * Source: power laws of learning curves, Cortes et al., NeurIPS 6 (1993) 327; least squares as in any textbook.
 */
function predictedGain(target: Target, mae: number, { trained, batch, before }: StopEvidence): number {
  const known = before.flatMap((figures) => {
    const of = (figure: FigureName) => figures.find((one) => one.figure === figure && one.target === target)?.value;
    const [x, y] = [of('trained'), of('reserve_mae')];
    return x !== undefined && y !== undefined && y > 0 && y < Number.POSITIVE_INFINITY ? [{ x, y }] : [];
  });
  const points = [...known, { x: trained, y: mae }].map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }));
  const xs = momentsOf(points.map(({ x }) => x));
  if (points.length < TREND_ROUNDS_MIN || !(mae > 0) || xs.squaredDeviations === 0) return Number.POSITIVE_INFINITY;
  const ys = momentsOf(points.map(({ y }) => y));
  const slope = points.reduce((sum, { x, y }) => sum + (x - xs.mean) * (y - ys.mean), 0) / xs.squaredDeviations;
  const rest = points.reduce((sum, { x, y }) => sum + (y - ys.mean - slope * (x - xs.mean)) ** 2, 0);
  const error = Math.sqrt(rest / (points.length - 2) / xs.squaredDeviations);
  const steepest = Math.max(0, -slope + SLOPE_MARGIN * error);
  return mae * (1 - (trained / (trained + batch)) ** steepest);
}

/** Rounds since the best label of any target was better than in the round before. */
function unimproved(targets: readonly Target[], { best, isMinimal, before }: StopEvidence): number {
  const valueIn = (figures: readonly StopFigure[], target: Target) =>
    figures.find((one) => one.figure === 'best' && one.target === target)?.value;
  let now = best;
  let rounds = 0;
  for (const figures of before.toReversed()) {
    const then = targets.map((target) => valueIn(figures, target) ?? Number.NaN);
    const isBetter = now.some((value, t) => (isMinimal ? value < then[t]! : value > then[t]!));
    if (isBetter || then.every(Number.isNaN)) return rounds;
    [now, rounds] = [then, rounds + 1];
  }
  return rounds;
}
