import type { Target } from '../../model/label.ts';
import { coordinate, html, type Markup } from '../markup.ts';
import { fixed, plural, plusMinus } from '../number-text.ts';
import { type MetricsRow, metricsOf, type ReportModel, type RoundRow } from '../report-model.ts';
import { SUBSET_WORDS, TARGET_WORDS } from '../target-words.ts';
import { armColour, armCurve, armKey, armMark } from './arm-look.ts';
import { axisScale } from './axis-scale.ts';
import { chartFigure, noChart } from './chart-figure.ts';
import { type PlotFrame, plotFrame } from './plot-frame.ts';

const PLOT_HEIGHT = 260;
/** Room for the last mark. */
const END_MARGIN = 0.03;
/** More marks than these would hide the curve: then only its ends have them. */
const MARKS_MAX = 40;

interface CurvePoint {
  readonly round: number;
  readonly added: number;
  readonly mae: number;
  readonly spread: number;
}

/** MAE against labels added, a curve per arm with a band of +-STDEV of the members' MAE. */
export function learningCurve(model: ReportModel, target: Target, subset: MetricsRow['subset']): Markup {
  const { symbol, name } = TARGET_WORDS[target];
  const curves = model.arms.map(({ rounds }) => rounds.flatMap((round) => curvePoint(round, target, subset)));
  const points = curves.flat();
  if (points.length === 0) return noChart(`No error of ${symbol} on the ${SUBSET_WORDS[subset]} is known yet.`);
  const frame = plotFrame(
    {
      x: {
        label: 'labels added',
        scale: axisScale(
          points.map(({ added }) => added * (1 + END_MARGIN)),
          { whole: true, fromZero: true, tight: true, intervals: 7 },
        ),
      },
      y: {
        label: `MAE of ${symbol} on ${subset === 'test' ? 'the test set' : 'candidates'} (GPa)`,
        scale: axisScale(points.flatMap(({ mae, spread }) => [Math.max(0, mae - spread), mae + spread])),
      },
    },
    model.arms.map((arm, i) => ({ label: arm.name, key: armKey(i) })),
    PLOT_HEIGHT,
  );
  return chartFigure({
    id: `learning-curve-${target}-${subset}`,
    ...frame,
    title: `Learning curve of the ${name} on the ${SUBSET_WORDS[subset]}`,
    description: curves.flatMap((curve, i) => inWords(model.arms[i]!.name, curve)).join(' '),
    body: [
      frame.axes,
      curves.map((curve, i) => band(frame, curve, i)),
      curves.map((curve, i) => line(frame, curve, i)),
    ],
    caption: html`MAE of ${symbol} on the ${SUBSET_WORDS[subset]}. Line: the ensemble's mean; band: \u00b1 STDEV of the members' own MAE.`,
  });
}

function curvePoint(row: RoundRow, target: Target, subset: MetricsRow['subset']): CurvePoint[] {
  const metrics = metricsOf(row, target, subset);
  if (metrics === undefined || !Number.isFinite(metrics.mae)) return [];
  const spread = Number.isFinite(metrics.maeStandardDeviation) ? metrics.maeStandardDeviation : 0;
  return [{ round: row.round, added: row.added, mae: metrics.mae, spread }];
}

function inWords(arm: string, curve: readonly CurvePoint[]): string[] {
  const [first, last] = [curve[0], curve.at(-1)];
  if (first === undefined || last === undefined) return [];
  const end = first === last ? '' : ` to ${fixed(last.mae, 2)} GPa with ${plural(last.added, 'label')} added`;
  return [`${arm}: from ${fixed(first.mae, 2)} GPa${end}.`];
}

function band({ x, y }: PlotFrame, curve: readonly CurvePoint[], arm: number): Markup | undefined {
  if (curve.length === 0) return undefined;
  if (curve.length === 1) {
    const { added, mae, spread } = curve[0]!;
    return html`<path class="${armCurve(arm)}" d="M${x(added)} ${y(mae - spread)}V${y(mae + spread)}"/>`;
  }
  const edge = (sign: number) =>
    curve.map(({ added, mae, spread }) => `${coordinate(x(added))} ${coordinate(y(Math.max(0, mae + sign * spread)))}`);
  return html`<path class="band ${armColour(arm)}" d="M${[...edge(1), ...edge(-1).reverse()].join('L')}Z"/>`;
}

function line({ x, y }: PlotFrame, curve: readonly CurvePoint[], arm: number): Markup | undefined {
  if (curve.length === 0) return undefined;
  const path = curve.map(({ added, mae }) => `${coordinate(x(added))} ${coordinate(y(mae))}`).join('L');
  const marks = curve.map((point, i) => {
    if (curve.length > MARKS_MAX && i > 0 && i < curve.length - 1) return undefined;
    const { round, added, mae, spread } = point;
    const tip = `round ${round}: ${plusMinus(mae, spread, 2)} GPa, ${plural(added, 'label')} added`;
    return armMark(arm, x(added), y(mae), tip);
  });
  return html`<path class="${armCurve(arm)}" d="M${path}"/>${marks}`;
}
