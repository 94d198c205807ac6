import type { Target } from '../../model/label.ts';
import { coordinate, html, type Markup } from '../markup.ts';
import { count, fixed } from '../number-text.ts';
import { metricsOf, type ParityPoint, type ReportModel } from '../report-model.ts';
import { SUBSET_WORDS, TARGET_WORDS } from '../target-words.ts';
import { armColour } from './arm-look.ts';
import { type AxisScale, axisScale } from './axis-scale.ts';
import { chartFigure, noChart, noModels } from './chart-figure.ts';
import { PLOT_WIDTH, type PlotFrame, plotFrame } from './plot-frame.ts';

/** More error bars than these merge into a grey mass. */
const BARS_MAX = 500;
/** Up to here points have a name under the mouse; beyond they are one path, which keeps the page small. */
const NAMED_MAX = 500;
/** Keeps the outermost points off the frame. */
const EDGE_MARGIN = 0.03;
const CROWDED = 2000;
const SETS = ['candidates', 'test'] as const;

/** Predicted against calculated modulus of an arm's latest round, with error bars of +-STDEV. */
export function parityPlot(model: ReportModel, arm: number, target: Target): Markup {
  const { symbol, name } = TARGET_WORDS[target];
  const { name: armName, parity, modelsMissing } = model.arms[arm]!;
  if (modelsMissing) return noModels(armName);
  const points = known(parity[target]);
  if (points.length === 0)
    return noChart(`${armName}: no prediction of ${symbol} can be compared with a known value yet.`);
  const scale = commonScale(model, target);
  const sets = SETS.map((set) => ({ set, points: points.filter((point) => point.set === set) }));
  const shown = sets.filter((set) => set.points.length > 0);
  const frame = plotFrame(
    {
      // The test set's may be DFT results although acquired labels are simulated.
      x: { label: `${symbol} ${model.simulated ? 'by its label, partly simulated' : 'calculated'} (GPa)`, scale },
      y: { label: `${symbol} predicted (GPa)`, scale },
    },
    shown.map(({ set }) => ({
      label: SUBSET_WORDS[set],
      key: html`<path class="dots ${colourOf(set, arm)}" stroke-width="8" d="M16 0h0"/>`,
    })),
    PLOT_WIDTH - 80,
  );
  const every = Math.ceil(points.length / BARS_MAX);
  const measured = shown.map(({ set, points }) => figures(model, arm, target, set, points.length));
  return chartFigure({
    id: `parity-${target}-${arm + 1}`,
    ...frame,
    title: `Predicted against calculated ${name}, ${armName}`,
    description: `${measured.join('. ')}.`,
    body: [
      frame.axes,
      html`<path class="ideal" d="M${frame.left} ${frame.bottom}L${frame.right} ${frame.top}"/>`,
      shown.map((set) => errorBars(frame, scale, set.points, every, colourOf(set.set, arm))),
      shown.map((set) => dots(frame, set.points, colourOf(set.set, arm), points.length)),
      measured.map(
        (text, i) => html`<text class="halo" x="${frame.left + 12}" y="${frame.top + 22 + 18 * i}">${text}</text>`,
      ),
    ],
    caption: html`${armName}: ${symbol} of the latest round. Dashed: perfect prediction; bars: \u00b1 STDEV over the \
members${every === 1 ? '' : `, drawn for one in ${every} of the ${count(points.length)} points`}.`,
  });
}

function known(points: readonly ParityPoint[] = []): readonly ParityPoint[] {
  return points.filter(({ actual, mean }) => Number.isFinite(actual) && Number.isFinite(mean));
}

/** One for both axes and for all arms, so that charts side by side can be compared. */
function commonScale({ arms }: ReportModel, target: Target): AxisScale {
  const values = arms.flatMap((arm) => known(arm.parity[target]).flatMap(({ actual, mean }) => [actual, mean]));
  const { from, to } = axisScale(values, { fromZero: true, tight: true });
  const margin = EDGE_MARGIN * (to - from);
  return axisScale([from < 0 ? from - margin : from, to + margin], { tight: true, intervals: 7 });
}

function colourOf(set: ParityPoint['set'], arm: number): string {
  return set === 'test' ? armColour(arm) : 'neutral';
}

function figures(model: ReportModel, arm: number, target: Target, set: ParityPoint['set'], n: number): string {
  const round = model.arms[arm]!.rounds.at(-1);
  const row = round === undefined ? undefined : metricsOf(round, target, set);
  const errors = row === undefined ? '' : `MAE ${fixed(row.mae, 2)} GPa, R\u00b2 ${fixed(row.r2, 3)}, `;
  return `${SUBSET_WORDS[set]}: ${errors}n = ${count(row?.count ?? n)}`;
}

function errorBars(
  { x, y }: PlotFrame,
  { from, to }: AxisScale,
  points: readonly ParityPoint[],
  every: number,
  colour: string,
): Markup | undefined {
  const within = (value: number) => coordinate(y(Math.min(to, Math.max(from, value))));
  const bars = points
    .filter((_, i) => i % every === 0)
    .filter(({ standardDeviation }) => Number.isFinite(standardDeviation))
    .map(({ actual, mean, standardDeviation }) => {
      return `M${coordinate(x(actual))} ${within(mean - standardDeviation)}V${within(mean + standardDeviation)}`;
    });
  return bars.length === 0 ? undefined : html`<path class="bars ${colour}" d="${bars.join('')}"/>`;
}

function dots({ x, y }: PlotFrame, points: readonly ParityPoint[], colour: string, total: number): Markup {
  const size = total > CROWDED ? 3 : 6;
  if (total <= NAMED_MAX) {
    return html`<g class="dots ${colour}" stroke-width="${size}">${points.map(
      (point) => html`<path d="M${x(point.actual)} ${y(point.mean)}h0"><title>${pointName(point)}</title></path>`,
    )}</g>`;
  }
  // A point that falls on another's place at half a pixel adds bytes and nothing to see.
  const half = (value: number) => coordinate(Math.round(2 * value) / 2);
  const places = new Set(points.map(({ actual, mean }) => `M${half(x(actual))} ${half(y(mean))}h0`));
  return html`<path class="dots ${colour}" stroke-width="${size}" d="${[...places].join('')}"/>`;
}

function pointName({ materialId, formula, actual, mean, standardDeviation }: ParityPoint): string {
  const what = formula === undefined ? materialId : `${formula} (${materialId})`;
  return `${what}: calculated ${fixed(actual, 1)}, predicted ${fixed(mean, 1)} \u00b1 ${fixed(standardDeviation, 1)} GPa`;
}
