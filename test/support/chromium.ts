import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { describeUnless } from './needs.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-logging=stderr',
];
const CHROMIUM = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => PROGRAMS.map((program) => join(folder, program)))
  .find((path) => existsSync(path));

/** Measurements of a page in a browser. */
export interface PageMeasures {
  /** The width of the scrollable content, and below it the width of the window. */
  readonly scrollWidth: number;
  readonly clientWidth: number;
  /** The size of each chart, CSS pixels. */
  readonly charts: readonly { readonly width: number; readonly height: number }[];
  /** Texts that extend beyond their chart. */
  readonly cutTexts: readonly string[];
  /** Names of tables of which a part can only be seen by scrolling, folded ones unfolded. */
  readonly cutTables: readonly string[];
  /** All URLs that the page fetched or tried to fetch. */
  readonly requests: readonly string[];
  /** Everything that the browser wrote to its console. */
  readonly console: readonly string[];
}

/** A `describe` that needs Chromium. */
export function describeWithChromium(name: string, body: () => void): void {
  describeUnless(CHROMIUM === undefined ? 'Chromium is not there: apt-get install chromium' : undefined, name, body);
}

/** Opens the page in a window of this width: an iframe, because Chromium's own window has a minimum width. */
export async function measurePage(page: string, width: number): Promise<PageMeasures> {
  const scratch = scratchDirectory();
  try {
    const frame = join(scratch.path, 'frame.html');
    writeFileSync(frame, frameAround(page, width));
    const profile = `--user-data-dir=${join(scratch.path, 'profile')}`;
    const { stdout, stderr } = await promisify(execFile)(
      CHROMIUM!,
      [...FLAGS, profile, '--window-size=1400,900', '--dump-dom', pathToFileURL(frame).href],
      { maxBuffer: 2 ** 27 },
    );
    const measured = /<pre id="measured">(.*?)<\/pre>/s.exec(stdout)?.[1];
    if (measured === undefined) throw new Error(`Chromium measured nothing: ${stderr.slice(-2000)}`);
    const console = stderr.split('\n').filter((line) => line.includes(':CONSOLE'));
    return { ...(JSON.parse(decodeURIComponent(measured)) as Omit<PageMeasures, 'console'>), console };
  } finally {
    await scratch.remove();
  }
}

function frameAround(page: string, width: number): string {
  const source = page.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<!DOCTYPE html><meta charset="utf-8"><body style="margin:0"><script>
function measure(frame) {
  const { document: page, performance } = frame.contentWindow;
  for (const folded of page.querySelectorAll('details')) folded.open = true;
  const cutTables = [...page.querySelectorAll('.scroll')].filter((table) => table.scrollWidth > table.clientWidth + 1);
  const charts = [...page.querySelectorAll('svg.chart')];
  const sticksOut = (svg) => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      return left < box.left - 1 || right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1;
    });
  };
  const { scrollWidth, clientWidth } = page.documentElement;
  const measured = {
    scrollWidth,
    clientWidth,
    charts: charts.map((svg) => svg.getBoundingClientRect()).map(({ width, height }) => ({ width, height })),
    cutTexts: charts.flatMap(sticksOut).map((text) => text.textContent),
    cutTables: cutTables.map((table) => table.getAttribute('aria-label')),
    requests: performance.getEntriesByType('resource').map(({ name }) => name),
  };
  const result = document.createElement('pre');
  result.id = 'measured';
  result.textContent = encodeURIComponent(JSON.stringify(measured));
  document.body.append(result);
}
</script><iframe style="width:${width}px;height:900px;border:0" onload="measure(this)" srcdoc="${source}"></iframe>`;
}
