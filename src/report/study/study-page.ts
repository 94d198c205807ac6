import type { StudyPart } from '../../learning/study/paper-study.ts';
import type { StudyResults } from '../../learning/study/study-results.ts';
import { targetWords } from '../../model/target-words.ts';
import { accuracyChart } from '../charts/study-accuracy.ts';
import { html, type Markup } from '../markup.ts';
import { fixed } from '../number-text.ts';
import { dataTable } from '../page/data-table.ts';
import { htmlPage } from '../page/html-page.ts';
import { rowTexts, type StudySection, studySections } from './study-words.ts';

export interface StudyPage {
  readonly parts: readonly StudyPart[];
  readonly results: StudyResults;
  readonly elastreamVersion: string;
  /** Data, members, preset, machine. */
  readonly settings: readonly (readonly [label: string, value: string])[];
}

/** A study as one HTML page that needs nothing but itself. The same results give the same bytes. */
export function renderStudy({ parts, results, elastreamVersion, settings }: StudyPage): string {
  const sections = studySections(parts, results.rows).filter(({ rows }) => rows.length > 0);
  const body = html`<header>
<h1>The paper's study, reproduced</h1>
<p class="soft">Jo, Choi, Kim and Min: Machine learning aided materials design platform for predicting the mechanical properties of Na-ion solid-state electrolytes. Beside each number stands the paper's, where it states one.</p>
${results.notes.map((note) => html`<p class="banner" role="note">${note}</p>`)}
</header>
<main>
${sections.map((section) => sectionOf(section, results))}
<section id="settings"><h2>Settings</h2>
${dataTable({ label: 'Settings', columns: [{ label: 'What' }, { label: 'Value' }], rows: settings })}</section>
</main>`;
  return htmlPage({ title: "The paper's study, reproduced", elastreamVersion, body });
}

function sectionOf({ id, title, shown, rows }: StudySection, results: StudyResults): Markup {
  const table = dataTable({
    label: title,
    columns: [
      { label: 'Which' },
      { label: 'What' },
      { label: 'Materials', numeric: true },
      { label: 'Members, mean \u00b1 STDEV', numeric: true },
      { label: 'Ensemble', numeric: true },
      { label: 'Paper', numeric: true },
    ],
    rows: rows.map(rowTexts),
  });
  return html`<section id="${id}"><h2>${title} (${shown})</h2>
${accuracyChart(id, title, rows)}
${table}
${id === 'features' ? importances(results) : undefined}</section>
`;
}

function importances({ importances: all }: StudyResults): Markup | undefined {
  if (all.length === 0) return undefined;
  return html`<h3>Most important features of the final set, by share of the gain</h3>
${dataTable({
  label: 'Feature importances',
  columns: [
    { label: 'Feature' },
    { label: 'Group' },
    { label: 'Target' },
    { label: 'Rank', numeric: true },
    { label: 'Share, %', numeric: true },
  ],
  rows: all.map(({ feature, group, target, rank, gainShare }) => [
    feature,
    group,
    targetWords(target).symbol,
    String(rank),
    fixed(100 * gainShare, 1),
  ]),
})}`;
}
