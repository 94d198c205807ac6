import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { renderReport } from '../../src/report/render-report.ts';
import { describeWithChromium, measurePage } from '../support/chromium.ts';
import { comparisonModel } from '../support/report-models.ts';

/** Learning 4, parity 4 and as many with logarithmic axes, errors 4, coverage 4, uncertainty 4, importances 4. */
const CHARTS = 28;
/** The least size at which a chart can be read. */
const CHART_PX = { width: 300, height: 200 };

describeWithChromium('the report in a browser', () => {
  const page = renderReport(comparisonModel());

  it.each([1280, 400])('shows every chart whole and overflows nowhere, %i px wide', async (width) => {
    const { charts, clientWidth, console, cutTexts, requests, scrollWidth } = await measurePage(page, width);
    expect(clientWidth).toBeGreaterThan(width - 20);
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
    expect(charts.length).toBe(CHARTS);
    for (const chart of charts) {
      expect(chart.width).toBeGreaterThan(CHART_PX.width);
      expect(chart.height).toBeGreaterThan(CHART_PX.height);
    }
    expect(cutTexts).toEqual([]);
    expect(requests).toEqual([]);
    expect(console).toEqual([]);
  });

  it.each([1280, 700])('shows every table whole, %i px wide', async (width) => {
    expect((await measurePage(page, width)).cutTables).toEqual([]);
  });

  it('would notice a request, an error, an overflow and a label that is cut', async () => {
    const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const image = `http://127.0.0.1:${(server.address() as AddressInfo).port}/image.png`;
    const wrong = page
      .replace(/<meta http-equiv[^>]*>/, '')
      .replace(
        '<main>',
        `<main><div style="width:3000px">wide</div><img src="${image}"><script>throw Error("x")</script>`,
      )
      .replace(/(x-axis label"[^>]*><text transform="translate\()\d+/, '$1455');
    const { clientWidth, console, cutTexts, requests, scrollWidth } = await measurePage(wrong, 1280);
    server.close();
    expect(scrollWidth).toBeGreaterThan(clientWidth);
    expect(requests).toEqual([image]);
    expect(console.join('\n')).toContain('Error: x');
    expect(cutTexts).toEqual(['labels added']);
  });

  it("obeys the page's own policy: neither scripts nor requests", async () => {
    const hostile = page.replace('<main>', '<main><script>throw Error("ran")</script><img src="missing.png">');
    const { console } = await measurePage(hostile, 1280);
    expect(console.length).toBe(2);
    for (const line of console) expect(line).toContain('Content Security Policy');
  });
});
