import { areaY, dot, line, ruleX } from '@observablehq/plot';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import type { Markup } from '../markup.ts';
import { type CurvePoint, type LearningCurve, learningCurves } from '../model/learning-curves.ts';
import { fixed, plural, plusMinus } from '../number-text.ts';
import type { MetricsRow, ReportModel } from '../report-model.ts';
import { SUBSET_WORDS } from '../target-words.ts';
import { type ArmLook, armLook } from './arm-look.ts';
import { box, linearAxis, span } from './axes.ts';
import { chartFigure, noChart } from './chart-figure.ts';
import { dotKey, lineKey } from './legend.ts';

const PLOT_HEIGHT = 260;
/** Room for the last mark. */
const END_MARGIN = 0.03;
/** More marks than these would hide the curve: then only its ends have them. */
const MARKS_MAX = 40;

interface DrawnCurve extends LearningCurve {
  readonly look: ArmLook;
}

/**
 * MAE against labels added, a curve per strategy. The band of one campaign is +-STDEV of the members' MAE; of several
 * that differ in their seed, from the lowest MAE to the highest about the median.
 */
export function learningCurve(model: ReportModel, target: Target, subset: MetricsRow['subset']): Markup {
  const { symbol, name } = targetWords(target);
  const curves = learningCurves(model, target, subset).map((curve) => ({ ...curve, look: armLook(model, curve.arm) }));
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return noChart(`No error of ${symbol} on the ${SUBSET_WORDS[subset]} is known yet.`);
  const added = points.map((point) => point.added * (1 + END_MARGIN));
  const set = subset === 'test' ? 'the test set' : 'candidates';
  return chartFigure({
    id: `learning-curve-${target}-${subset}`,
    title: `Learning curve of the ${name} on the ${SUBSET_WORDS[subset]}`,
    description: curves.flatMap(inWords).join(' '),
    x: linearAxis('labels added', span([...added, 0, 1]), { tight: true, whole: true }),
    y: linearAxis(`MAE of ${symbol} on ${set} (GPa)`, span(points.flatMap(({ low, high }) => [low, high]))),
    legend: curves.map(({ strategy, seeds, look }) => ({
      label: seeds === 1 ? strategy : `${strategy}, ${seeds} seeds`,
      key: [lineKey(strokeOf(look)), dotKey(markOf(look))],
    })),
    marks: [box(), ...curves.map(band), ...curves.map(middle), ...curves.map(marks)],
    plotHeight: PLOT_HEIGHT,
    caption: `MAE of ${symbol} on the ${SUBSET_WORDS[subset]}. ${bandInWords(curves)}`,
  });
}

function inWords({ strategy, points }: LearningCurve): string[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const end = first === last ? '' : ` to ${fixed(last.mae, 2)} GPa with ${plural(last.added, 'label')} added`;
  return [`${strategy}: from ${fixed(first.mae, 2)} GPa${end}.`];
}

function bandInWords(curves: readonly LearningCurve[]): string {
  const [one, several] = [curves.some(({ seeds }) => seeds === 1), curves.some(({ seeds }) => seeds > 1)];
  const sentences = [
    ...(one ? ["Line: the ensemble's mean; band: \u00b1 STDEV of the members' own MAE."] : []),
    ...(several ? ['Of several seeds: the median of their MAE; band: from the lowest to the highest.'] : []),
  ];
  return sentences.join(' ');
}

function strokeOf({ colour, dash }: ArmLook) {
  return { stroke: colour, strokeWidth: 2, strokeDasharray: dash };
}

function markOf({ colour, symbol }: ArmLook) {
  return { symbol, stroke: colour, fill: 'var(--ground)', strokeWidth: 1.8, r: 4 };
}

function band({ points, look }: DrawnCurve) {
  if (points.length === 1) return ruleX(points, { x: 'added', y1: 'low', y2: 'high', ...strokeOf(look) });
  return areaY(points, { x: 'added', y1: 'low', y2: 'high', fill: look.colour, fillOpacity: 0.16 });
}

function middle({ points, look }: DrawnCurve) {
  return line(points, { x: 'added', y: 'mae', ...strokeOf(look) });
}

function marks({ points, look, seeds }: DrawnCurve) {
  const shown = points.length > MARKS_MAX ? [points[0]!, points.at(-1)!] : points;
  const range = ({ low, high }: CurvePoint) => `, ${fixed(low, 2)} to ${fixed(high, 2)} over the seeds`;
  const value = (point: CurvePoint) =>
    seeds === 1
      ? `${plusMinus(point.mae, point.high - point.mae, 2)} GPa`
      : `${fixed(point.mae, 2)} GPa${range(point)}`;
  const title = (point: CurvePoint) => `round ${point.round}: ${value(point)}, ${plural(point.added, 'label')} added`;
  return dot(shown, { x: 'added', y: 'mae', title, ...markOf(look) });
}
