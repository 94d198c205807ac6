import { type Content, html, type Markup } from '../markup.ts';
import type { AxisScale } from './axis-scale.ts';

export interface LegendEntry {
  readonly label: string;
  /** Drawn in a box 24 wide and 12 high whose left centre is the origin. */
  readonly key: Content;
}

export interface PlotFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Grid, ticks and labels, to be drawn before the data. */
  readonly axes: Markup;
  x(value: number): number;
  y(value: number): number;
}

export interface PlotAxis {
  readonly label: string;
  readonly scale: AxisScale;
}

export const PLOT_WIDTH = 460;
const MARGIN = { left: 64, right: 16, legend: 34, bottom: 52 };
/** Of an average character at the charts' 12 px; too wide is better than a collision. */
const CHARACTER_PX = 6.7;
const KEY_PX = 30;

/** A box with two axes, and the legend in a row of its own above it, where no data can be. */
export function plotFrame(
  axes: { readonly x: PlotAxis; readonly y: PlotAxis },
  legend: readonly LegendEntry[],
  plotHeight: number,
): PlotFrame {
  const rows = legendRows(legend);
  const top = 8 + MARGIN.legend * Math.min(1, rows.length) + 20 * Math.max(0, rows.length - 1);
  const [left, right, bottom] = [MARGIN.left, PLOT_WIDTH - MARGIN.right, top + plotHeight];
  const along =
    ({ from, to }: AxisScale, start: number, end: number) =>
    (value: number) =>
      start + ((value - from) / (to - from)) * (end - start);
  const x = along(axes.x.scale, left, right);
  const y = along(axes.y.scale, bottom, top);
  const middle = (top + bottom) / 2;
  const xTicks = axes.x.scale.ticks.map(
    ({ value, text }) => html`<path class="grid" d="M${x(value)} ${top}V${bottom}"/>
<path class="axis" d="M${x(value)} ${bottom}v5"/><text class="x" x="${x(value)}" y="${bottom + 19}">${text}</text>`,
  );
  const yTicks = axes.y.scale.ticks.map(
    ({ value, text }) => html`<path class="grid" d="M${left} ${y(value)}H${right}"/>
<path class="axis" d="M${left} ${y(value)}h-5"/><text class="y" x="${left - 9}" y="${y(value) + 4}">${text}</text>`,
  );
  const markup = html`${xTicks}${yTicks}
<rect class="axis" x="${left}" y="${top}" width="${right - left}" height="${plotHeight}"/>
<text class="x label" x="${(left + right) / 2}" y="${bottom + 42}">${axes.x.label}</text>
<text class="x label" transform="translate(16 ${middle}) rotate(-90)">${axes.y.label}</text>
${rows.map((row, i) => html`<g transform="translate(${left} ${18 + 20 * i})">${row}</g>`)}`;
  return { width: PLOT_WIDTH, height: bottom + MARGIN.bottom, left, right, top, bottom, axes: markup, x, y };
}

/** As many entries in a row as fit. */
function legendRows(legend: readonly LegendEntry[]): Markup[][] {
  const rows: Markup[][] = [];
  let at = Number.POSITIVE_INFINITY;
  for (const { label, key } of legend) {
    const shown = label.length > 50 ? `${label.slice(0, 49)}\u2026` : label;
    const width = KEY_PX + shown.length * CHARACTER_PX + 14;
    if (at + width > PLOT_WIDTH - MARGIN.left) {
      rows.push([]);
      at = 0;
    }
    rows.at(-1)!.push(html`<g transform="translate(${at} 0)">${key}<text x="${KEY_PX}" y="4">${shown}</text></g>`);
    at += width;
  }
  return rows;
}
