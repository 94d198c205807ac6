import { type Content, html, type Markup } from '../markup.ts';
import { chartStyleAlone } from './chart-style.ts';

export interface ChartFigure {
  /** Unique in the page; also the name of the downloaded file. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** What a screen reader says first. */
  readonly title: string;
  /** What there is to see, in words. */
  readonly description: string;
  readonly body: Content;
  readonly caption: Content;
}

/** A chart with its caption, and the same as an SVG file of its own for papers and slides, in a link. */
export function chartFigure({ id, width, height, title, description, body, caption }: ChartFigure): Markup {
  const svg = (style: Content) => html`<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" \
viewBox="0 0 ${width} ${height}" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>
${style}${body}
</svg>`;
  // What a mouse over a point would show is of no use in print, and most of the bytes.
  const alone = svg(html`<style>${{ markup: chartStyleAlone() }}</style>`).markup.replace(/<title>[^<]*<\/title>/g, '');
  const file = btoa(Array.from(new TextEncoder().encode(alone), (byte) => String.fromCharCode(byte)).join(''));
  return html`<figure id="${id}">
${svg(undefined)}
<figcaption>${caption} <a class="download" download="${id}.svg" href="data:image/svg+xml;base64,${file}" \
aria-label="Download as SVG: ${title}">SVG</a></figcaption>
</figure>`;
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
