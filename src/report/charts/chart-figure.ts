import type { Markish, PlotOptions, ScaleOptions } from '@observablehq/plot';
import { type Content, html, type Markup } from '../markup.ts';
import { CHART_STYLE, inLightColours } from './chart-style.ts';
import { LEGEND_ROW_PX, type LegendEntry, legendRows } from './legend.ts';
import { svgContent } from './svg-plot.ts';

export interface ChartFigure {
  /** Unique in the page; also the name of the downloaded file. */
  readonly id: string;
  /** What a screen reader says first. */
  readonly title: string;
  /** What there is to see, in words. */
  readonly description: string;
  readonly x: ScaleOptions;
  readonly y: ScaleOptions;
  readonly marks: readonly Markish[];
  readonly legend: readonly LegendEntry[];
  /** Of the frame that the axes make. */
  readonly plotHeight: number;
  readonly margins?: Partial<typeof MARGIN>;
  readonly caption: Content;
}

export const PLOT_WIDTH = 460;
export const MARGIN = { left: 64, right: 16, bottom: 46 };

/** A chart with its caption, and the same as an SVG file of its own for papers and slides, in a link. */
export function chartFigure({ id, title, description, caption, ...chart }: ChartFigure): Markup {
  const { content, height } = drawn(chart);
  const svg = (style: Content, body: string) => html`<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" \
viewBox="0 0 ${PLOT_WIDTH} ${height}" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>
${style}${{ markup: body }}
</svg>`;
  // What a mouse over a point would show is of no use in print, and most of the bytes.
  const untitled = content.replace(/<title>[^<]*<\/title>/g, '');
  const alone = inLightColours(svg(html`<style>${{ markup: CHART_STYLE }}</style>`, untitled).markup);
  return html`<figure id="${id}">
${svg(undefined, content)}
<figcaption>${caption} <a class="download" download="${id}.svg" href="data:image/svg+xml;base64,${base64(alone)}" \
aria-label="Download as SVG: ${title}">SVG</a></figcaption>
</figure>`;
}

function drawn({
  x,
  y,
  marks,
  legend,
  plotHeight,
  margins,
}: Omit<ChartFigure, 'id' | 'title' | 'description' | 'caption'>) {
  const { left, right, bottom } = { ...MARGIN, ...margins };
  const { rows, marks: legendMarks } = legendRows(legend, MARGIN.left - left, PLOT_WIDTH - MARGIN.left);
  const top = 8 + (rows === 0 ? 0 : 14 + LEGEND_ROW_PX * (rows - 1) + 12);
  const height = top + plotHeight + bottom;
  const options: PlotOptions = {
    width: PLOT_WIDTH,
    height,
    marginTop: top,
    marginLeft: left,
    marginRight: right,
    marginBottom: bottom,
    x,
    y,
    marks: [...marks, ...legendMarks],
  };
  return { content: svgContent(options), height };
}

/** Of text in UTF-8. */
function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

/** In place of a chart for which there is no data. */
export function noChart(sentence: string): Markup {
  return html`<p class="empty">${sentence}</p>`;
}

/** In place of a chart that only the models could fill. */
export function noModels(arm: string): Markup {
  return noChart(
    `${arm}: the models of the latest round are not in the directory; elastream rebuild trains them again.`,
  );
}
