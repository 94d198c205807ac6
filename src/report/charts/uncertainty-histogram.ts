import type { Target } from '../../model/label.ts';
import { coordinate, html, type Markup } from '../markup.ts';
import { count, fixed, plural } from '../number-text.ts';
import type { ReportModel } from '../report-model.ts';
import { TARGET_WORDS } from '../target-words.ts';
import { armColour } from './arm-look.ts';
import { axisScale } from './axis-scale.ts';
import { chartFigure, noChart } from './chart-figure.ts';
import { type PlotFrame, plotFrame } from './plot-frame.ts';

const PLOT_HEIGHT = 220;
const BINS_MAX = 40;
/** A few candidates far out would press all others into the first bins. */
const SHOWN_SHARE = 0.99;

/** STDEV over the members, counted over the candidates: the last round over the first. */
export function uncertaintyHistogram(model: ReportModel, arm: number, target: Target): Markup {
  const { symbol, name } = TARGET_WORDS[target];
  const { name: armName, uncertainty, rounds } = model.arms[arm]!;
  const { binGpa, first, last } = uncertainty[target] ?? { binGpa: 1, first: [], last: [] };
  if (sum(first) + sum(last) === 0) return noChart(`${armName}: no candidate's STDEV of ${symbol} is known yet.`);
  const { width, series } = shownBins(binGpa, [first, last]);
  const bins = series[0]!.length;
  const [once, latest] = [rounds.length < 2, rounds.at(-1)?.round ?? 1];
  const frame = plotFrame(
    {
      x: { label: `STDEV of ${symbol} (GPa)`, scale: axisScale([0, bins * width], { tight: true }) },
      y: { label: 'candidates', scale: axisScale(series.flat(), { whole: true, fromZero: true }) },
    },
    [
      ...(once ? [] : [{ label: 'first round', key: html`<path class="area neutral" d="M0-6H24V6H0z"/>` }]),
      { label: `round ${latest}`, key: html`<path class="curve ${armColour(arm)}" d="M0 0H24"/>` },
    ],
    PLOT_HEIGHT,
  );
  const tail = last.slice(Math.round((bins * width) / binGpa));
  const beyond =
    sum(tail) === 0 ? '' : `; not drawn: ${plural(sum(tail), 'candidate')} beyond ${fixed(bins * width, 1)} GPa`;
  const shares =
    sum(last) === 0
      ? 'No candidates are left'
      : `Half of the ${count(sum(last))} candidates of the last round lie below ${quantile(last, binGpa, 0.5)}, nine in ten ` +
        `below ${quantile(last, binGpa, 0.9)}${beyond}`;
  return chartFigure({
    id: `uncertainty-${target}-${arm + 1}`,
    ...frame,
    title: `Uncertainty of the ${name} over the candidates, ${armName}`,
    description: `${shares}.`,
    body: [
      frame.axes,
      once ? undefined : html`<path class="area neutral" d="${outline(frame, series[0]!, width)}Z"/>`,
      html`<path class="band ${armColour(arm)}" d="${outline(frame, series[1]!, width)}Z"/>`,
      html`<path class="curve ${armColour(arm)}" d="${outline(frame, series[1]!, width)}"/>`,
    ],
    caption: html`${armName}: candidates by STDEV of ${symbol} over the members. ${shares}.`,
  });
}

/** Bins up to where nearly all candidates of either round are, joined until they are few enough to see. */
function shownBins(binGpa: number, series: readonly (readonly number[])[]): { width: number; series: number[][] } {
  const end = Math.max(...series.map((counts) => binOf(counts, SHOWN_SHARE) + 1));
  const join = Math.ceil(end / BINS_MAX);
  const joined = series.map((counts) =>
    Array.from({ length: Math.ceil(end / join) }, (_, i) => sum(counts.slice(i * join, (i + 1) * join))),
  );
  return { width: binGpa * join, series: joined };
}

/** The bin in which a share of all is reached; 0 where there is nothing. */
function binOf(counts: readonly number[], share: number): number {
  const wanted = share * sum(counts);
  let passed = 0;
  return Math.max(
    0,
    counts.findIndex((here) => {
      passed += here;
      return passed > 0 && passed >= wanted;
    }),
  );
}

function quantile(counts: readonly number[], binGpa: number, share: number): string {
  return `${fixed((binOf(counts, share) + 1) * binGpa, 1)} GPa`;
}

function outline({ x, y }: PlotFrame, counts: readonly number[], width: number): string {
  const steps = counts.map((here, i) => `V${coordinate(y(here))}H${coordinate(x((i + 1) * width))}`);
  return `M${coordinate(x(0))} ${coordinate(y(0))}${steps.join('')}V${coordinate(y(0))}`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, here) => total + here, 0);
}
