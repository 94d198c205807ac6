import { type Content, html, type Markup } from './markup.ts';
import { plural } from './number-text.ts';
import { dataTable } from './page/data-table.ts';
import { calibration, importances, learning, parity, uncertainty } from './page/figure-sections.ts';
import { headline, keyNumbers } from './page/headline.ts';
import { htmlPage } from './page/html-page.ts';
import { selectionTables, timeText } from './page/selection-tables.ts';
import type { ReportModel, ReportRow } from './report-model.ts';

const METHOD_PAPER =
  'Jo, Choi, Kim and Min: Machine learning aided materials design platform for predicting the mechanical properties ' +
  'of Na-ion solid-state electrolytes.';

type Section = readonly [id: string, title: string, content: Content];

/** The report of a campaign as one HTML page that needs nothing but itself. The same model gives the same bytes. */
export function renderReport(model: ReportModel): string {
  const sections: Section[] = [
    ['learning', 'Learning curves', learning(model)],
    ['parity', 'Predicted against calculated', parity(model)],
    ['calibration', 'Error against STDEV', calibration(model)],
    ['uncertainty', 'Uncertainty of the candidates', uncertainty(model)],
    ['importances', 'Feature importances', importances(model)],
    ['selected', 'What was chosen, and why', selectionTables(model)],
    ['settings', 'Settings and data', settings(model)],
    ['cite', 'How to cite', citations(model)],
  ];
  const body = html`${top(model, sections)}
<main>
<section aria-label="Result">${headline(model)}
${keyNumbers(model)}</section>
${sections.map(([id, title, content]) => html`<section id="${id}"><h2>${title}</h2>\n${content}\n</section>\n`)}</main>`;
  return htmlPage({ title: `${model.name}: elastream report`, elastreamVersion: model.elastreamVersion, body });
}

function top(model: ReportModel, sections: readonly Section[]): Markup {
  const banner = html`<p class="banner" role="note"><strong>Simulated labels, not DFT.</strong> The numbers below show how \
the program works and say nothing about real materials.</p>`;
  return html`<header>
${model.simulated ? banner : undefined}
<h1>${model.name}</h1>
<p class="soft">Active-learning campaign, ${model.status}. Written ${timeText(model.generatedAt)} by elastream ${model.elastreamVersion}.</p>
<nav aria-label="Contents"><ul>${sections.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>\n`)}</ul></nav>
</header>`;
}

function settings({ arms, data, settings: rows }: ReportModel): Markup {
  const pairs = (title: string, pairRows: readonly ReportRow[]) =>
    html`<div><h3>${title}</h3>
${dataTable({ label: title, columns: [{ label: 'What' }, { label: 'Value' }], rows: pairRows })}</div>`;
  const stops = arms.map(({ name, strategy, stopReason, rounds }): ReportRow => {
    return [
      name,
      `${strategy}, ${plural(rounds.length, 'round')}, ${stopReason === undefined ? 'not over' : `stopped: ${stopReason}`}`,
    ];
  });
  return html`<div class="pairs">${pairs('Settings', rows)}<div>${pairs('Data', data)}${pairs('Arms', stops)}</div></div>`;
}

function citations({ credits, elastreamVersion }: ReportModel): Markup {
  return html`<p>The method:</p>
<ul><li>${METHOD_PAPER}</li></ul>
<p>The program: elastream ${elastreamVersion}.</p>
${credits.length === 0 ? undefined : html`<p>The data:</p><ul>${credits.map((credit) => html`<li>${credit}</li>\n`)}</ul>`}`;
}
