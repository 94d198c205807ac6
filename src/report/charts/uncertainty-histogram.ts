import { areaY, line } from '@observablehq/plot';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import type { Markup } from '../markup.ts';
import { count, fixed, plural } from '../number-text.ts';
import type { ReportModel } from '../report-model.ts';
import { armLook } from './arm-look.ts';
import { box, linearAxis, span } from './axes.ts';
import { chartFigure, noChart } from './chart-figure.ts';
import { dotKey, lineKey } from './legend.ts';

const PLOT_HEIGHT = 220;
const BINS_MAX = 40;
/** A few candidates far out would press all others into the first bins. */
const SHOWN_SHARE = 0.99;

/** STDEV over the members, counted over the candidates: the last round over the first. */
export function uncertaintyHistogram(model: ReportModel, arm: number, target: Target): Markup {
  const { symbol, name } = targetWords(target);
  const { name: armName, uncertainty, rounds } = model.arms[arm]!;
  const { binGpa, first, last } = uncertainty[target] ?? { binGpa: 1, first: [], last: [] };
  if (sum(first) + sum(last) === 0) return noChart(`${armName}: no candidate's STDEV of ${symbol} is known yet.`);
  const { width, series } = shownBins(binGpa, [first, last]);
  const bins = series[0]!.length;
  const [once, latest] = [rounds.length < 2, rounds.at(-1)?.round ?? 1];
  const { colour } = armLook(model, arm);
  const shares = sharesInWords(last, binGpa, bins * width);
  const [before, now] = series.map((counts) => outline(counts, width));
  const axes = { x: 'x', y: 'y', curve: 'step-after' } as const;
  const grey = { fill: 'var(--neutral)', fillOpacity: 0.3 };
  return chartFigure({
    id: `uncertainty-${target}-${arm + 1}`,
    title: `Uncertainty of the ${name} over the candidates, ${armName}`,
    description: `${shares}.`,
    x: linearAxis(`STDEV of ${symbol} (GPa)`, [0, bins * width], { tight: true }),
    y: linearAxis('candidates', span(series.flat(), { fromZero: true }), { whole: true }),
    legend: [
      ...(once ? [] : [{ label: 'first round', key: [dotKey({ ...grey, symbol: 'square', r: 7 })] }]),
      { label: `round ${latest}`, key: [lineKey({ stroke: colour, strokeWidth: 2 })] },
    ],
    marks: [
      box(),
      ...(once ? [] : [areaY(before!, { ...axes, ...grey })]),
      areaY(now!, { ...axes, fill: colour, fillOpacity: 0.16 }),
      line(now!, { ...axes, stroke: colour, strokeWidth: 2 }),
    ],
    plotHeight: PLOT_HEIGHT,
    caption: `${armName}: candidates by STDEV of ${symbol} over the members. ${shares}.`,
  });
}

function sharesInWords(last: readonly number[], binGpa: number, shownGpa: number): string {
  if (sum(last) === 0) return 'No candidates are left';
  const tail = sum(last.slice(Math.round(shownGpa / binGpa)));
  const beyond = tail === 0 ? '' : `; not drawn: ${plural(tail, 'candidate')} beyond ${fixed(shownGpa, 1)} GPa`;
  return (
    `Half of the ${count(sum(last))} candidates of the last round lie below ${quantile(last, binGpa, 0.5)}, nine in ten ` +
    `below ${quantile(last, binGpa, 0.9)}${beyond}`
  );
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

/** Points between which `step-after` draws the bins, from the axis back to it. */
function outline(counts: readonly number[], width: number): { x: number; y: number }[] {
  const steps = counts.map((here, i) => ({ x: i * width, y: here }));
  const end = counts.length * width;
  return [{ x: 0, y: 0 }, ...steps, { x: end, y: counts.at(-1) ?? 0 }, { x: end, y: 0 }];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, here) => total + here, 0);
}
