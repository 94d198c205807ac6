import type { Target } from '../model/label.ts';
import { GROUP_WORDS, importanceBars } from './charts/importance-bars.ts';
import { learningCurve } from './charts/learning-curve.ts';
import { parityPlot } from './charts/parity-plot.ts';
import { uncertaintyHistogram } from './charts/uncertainty-histogram.ts';
import { type Content, html, type Markup } from './markup.ts';
import { count, fixed, plural } from './number-text.ts';
import { dataTable, foldedTable } from './page/data-table.ts';
import { headline, keyNumbers, METRICS_CAPTION, METRICS_COLUMNS, metricsCells } from './page/headline.ts';
import { PAGE_STYLE } from './page/page-style.ts';
import { selectionTables, timeText } from './page/selection-tables.ts';
import { metricsOf, type ReportModel, type ReportRow } from './report-model.ts';
import { SUBSET_WORDS, TARGET_WORDS } from './target-words.ts';

/** What the page may load: its own style and the figures in its links. Nothing from elsewhere, and no scripts. */
const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
const METHOD_PAPER =
  'Jo, Choi, Kim and Min: Machine learning aided materials design platform for predicting the mechanical properties ' +
  'of Na-ion solid-state electrolytes.';

type Section = readonly [id: string, title: string, content: Content];

/** The report of a campaign as one HTML page that needs nothing but itself. The same model gives the same bytes. */
export function renderReport(model: ReportModel): string {
  const sections: Section[] = [
    ['learning', 'Learning curves', learning(model)],
    ['parity', 'Predicted against calculated', perArm(model, parityPlot)],
    ['uncertainty', 'Uncertainty of the candidates', uncertainty(model)],
    ['importances', 'Feature importances', importances(model)],
    ['selected', 'What was chosen, and why', selectionTables(model)],
    ['settings', 'Settings and data', settings(model)],
    ['cite', 'How to cite', citations(model)],
  ];
  const { markup } = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY}">
<meta name="generator" content="elastream ${model.elastreamVersion}">
<title>${model.name}: elastream report</title>
<link rel="icon" href="data:,">
<style>${{ markup: PAGE_STYLE }}</style>
</head>
<body>
${top(model, sections)}
<main>
<section aria-label="Result">${headline(model)}
${keyNumbers(model)}</section>
${sections.map(([id, title, content]) => html`<section id="${id}"><h2>${title}</h2>\n${content}\n</section>\n`)}</main>
</body>
</html>
`;
  return markup;
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

function learning(model: ReportModel): Markup {
  const charts = model.targets.map(
    (target) => html`<h3>${capital(TARGET_WORDS[target].name)}</h3>
<div class="figures">${learningCurve(model, target, 'test')}${learningCurve(model, target, 'candidates')}</div>
${learningNumbers(model, target)}`,
  );
  return html`${charts}
<p class="note">The error on the candidates falls by construction where the hard ones are chosen: each round takes them away, \
and the easier ones remain. Only the test set, which no round touches, says that the model got better. Mind that the scales of the \
two charts differ.</p>`;
}

function learningNumbers({ arms }: ReportModel, target: Target): Markup | undefined {
  const rows = arms.flatMap(({ name, rounds }) =>
    rounds.flatMap((round) =>
      (['test', 'candidates'] as const).flatMap((subset) => {
        const metrics = metricsOf(round, target, subset);
        if (metrics === undefined) return [];
        const seconds = round.seconds === undefined ? '' : fixed(round.seconds, 1);
        const when = [String(round.round), count(round.labels), count(round.added), seconds];
        return [[name, SUBSET_WORDS[subset], ...when, ...metricsCells(metrics)]];
      }),
    ),
  );
  if (rows.length === 0) return undefined;
  const numeric = ['Round', 'Training labels', 'Added', 'Seconds'].map((label) => ({ label, numeric: true }));
  return foldedTable(`All rounds of ${TARGET_WORDS[target].symbol} in numbers`, {
    label: `${capital(TARGET_WORDS[target].name)} by round`,
    caption: METRICS_CAPTION,
    columns: [{ label: 'Arm' }, { label: 'Measured on' }, ...numeric, ...METRICS_COLUMNS],
    rows,
  });
}

function perArm(model: ReportModel, chart: (model: ReportModel, arm: number, target: Target) => Markup): Markup {
  if (model.arms.length === 0) return html`<p class="empty">The campaign has not begun.</p>`;
  const charts = model.targets.flatMap((target) => model.arms.map((_, arm) => chart(model, arm, target)));
  return html`<div class="figures">${charts}</div>`;
}

function uncertainty(model: ReportModel): Markup {
  const tables = model.arms.flatMap(({ name, uncertainty: histograms }) =>
    model.targets.flatMap((target) => {
      const { symbol } = TARGET_WORDS[target];
      const histogram = histograms[target];
      if (histogram === undefined) return [];
      const { binGpa, first, last } = histogram;
      const filled =
        Math.max(
          first.findLastIndex((n) => n > 0),
          last.findLastIndex((n) => n > 0),
        ) + 1;
      return foldedTable(`${symbol}, ${name}, in numbers`, {
        label: `Candidates by STDEV of ${symbol}, ${name}`,
        columns: ['From (GPa)', 'First round', 'Last round'].map((label) => ({ label, numeric: true })),
        rows: Array.from({ length: filled }, (_, i) => [
          fixed(i * binGpa, 1),
          count(first[i] ?? 0),
          count(last[i] ?? 0),
        ]),
      });
    }),
  );
  return html`${perArm(model, uncertaintyHistogram)}${tables}`;
}

function importances(model: ReportModel): Markup {
  const tables = model.arms.flatMap(({ name, importances: known }) =>
    model.targets.flatMap((target) => {
      const { symbol } = TARGET_WORDS[target];
      const rows = known[target] ?? [];
      if (rows.length === 0) return [];
      return foldedTable(`${symbol}, ${name}, in numbers`, {
        label: `Features by share of the gain for ${symbol}, ${name}`,
        columns: [
          { label: 'Feature' },
          { label: 'Unit' },
          { label: 'Group' },
          { label: 'Share of the gain (%)', numeric: true },
        ],
        rows: rows.map(({ feature, unit, group, gainShare }) => {
          return [feature, unit === '1' ? '' : unit, GROUP_WORDS[group], fixed(100 * gainShare, 2)];
        }),
      });
    }),
  );
  return html`${perArm(model, importanceBars)}${tables}`;
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
