import { type PlotOptions, plot } from '@observablehq/plot';
import { DOMImplementation, type Element, Node, XMLSerializer } from '@xmldom/xmldom';

const SVG = 'http://www.w3.org/2000/svg';
const DECIMALS_MAX = 1;
const LONG_NUMBER = new RegExp(`-?\\d*[.]\\d{${DECIMALS_MAX + 1},}(e-?\\d+)?`, 'g');

/**
 * Charts are drawn by Observable Plot. Beside it ECharts and Vega-Lite drew the same figures: all three look well, export
 * without a browser and can be interactive in one. Plot alone names points in <title>, which needs no script and
 * therefore works under the page's policy; it takes 8 MB with xmldom (Vega-Lite 25, ECharts 68), and gives the same bytes
 * for the same chart (ECharts numbers its classes through). It is released seldom, but kept by D3's authors; only this
 * folder knows it.
 */

/**
 * What stands inside of the <svg> that Observable Plot makes, as text: the same for the same options. Plot needs a
 * document, in a browser the page's own; here it is one of xmldom, which knows elements and attributes and no more.
 */
export function svgContent(options: PlotOptions): string {
  const document = new DOMImplementation().createDocument(SVG, 'svg');
  // Without a name of ours Plot draws one by chance.
  const svg = plot({ ...options, document, className: 'chart' }) as unknown as Element;
  const style = svg.getElementsByTagName('style').item(0);
  if (style !== null) svg.removeChild(style);
  roundNumbers(svg);
  const text = new XMLSerializer().serializeToString(svg);
  return text.slice(text.indexOf('>') + 1, text.lastIndexOf('</svg>'));
}

/** More digits than a screen shows are most of a chart's bytes. */
function roundNumbers(element: Element): void {
  for (const attribute of element.attributes) {
    attribute.value = attribute.value.replace(LONG_NUMBER, (long) =>
      String(Number(Number(long).toFixed(DECIMALS_MAX))),
    );
  }
  for (let child = element.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === Node.ELEMENT_NODE) roundNumbers(child as Element);
  }
}
