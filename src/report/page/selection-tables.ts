import type { StrategyName } from '../../learning/campaign/campaign-config.ts';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import { html, type Markup } from '../markup.ts';
import { fixed, plural, plusMinus } from '../number-text.ts';
import type { ReportArm, ReportModel, RoundRow, SelectedRow } from '../report-model.ts';
import { dataTable } from './data-table.ts';

const OPEN_ROUNDS = 1;
/** What the score of a strategy is, as src/learning/acquisition/acquisition-strategy.ts defines it. */
const REASONS: Readonly<Record<StrategyName, string>> = {
  exploration:
    "chooses the candidates on which the members disagree most. Score: the sum over the moduli of STDEV divided by the labels' STDEV.",
  random: 'chooses by chance, as the control. Score: the number drawn, between 0 and 1.',
  greedy:
    "chooses the largest by prediction (the smallest with goal: min). Score: the utility, the sum over the targets of (predicted minus the labels' mean) divided by the labels' STDEV.",
  ucb: 'chooses by upper confidence bound. Score: the utility (see greedy) plus beta times its STDEV over the members.',
  ei: 'chooses by expected improvement over the best label. Score: the logarithm of the expected gain in utility (see greedy).',
  pi: 'chooses by probability of improvement over the best label. Score: the gain in utility (see greedy) in its STDEVs over the members.',
  thompson: 'lets a member drawn at random choose each one. Score: the utility (see greedy) by that member.',
  pareto:
    'chooses what is likely good in both targets. Score: the logarithm of the expected gain of the area under the front of the labels.',
  range: 'chooses what most likely lies within the limits. Score: the logarithm of that probability.',
};
const OUTCOMES = ['labelled', 'rejected', 'abandoned', 'expired', 'pending'] as const;

/** What was chosen when, why, and what came of it: a table per round, the latest open. */
export function selectionTables(model: ReportModel): Markup {
  return html`${model.arms.map((arm) => armSelections(arm, model))}`;
}

function armSelections({ name, strategy, rounds }: ReportArm, model: ReportModel): Markup {
  const chosen = rounds.filter(({ selected }) => selected.length > 0);
  const tables = chosen.map(
    (round, i) => html`<details class="round"${i >= chosen.length - OPEN_ROUNDS ? html` open` : undefined}>
<summary>Round ${String(round.round)}: ${outcomes(round)}</summary>
${roundTable(round, model)}</details>\n`,
  );
  return html`<h3>${name}</h3>
<p>The strategy ${strategy} ${REASONS[strategy]} Moduli in GPa; predicted \u00b1 STDEV over the members.</p>
${chosen.length === 0 ? html`<p class="empty">Nothing has been chosen yet.</p>` : tables}`;
}

function outcomes({ selected }: RoundRow): string {
  const parts = OUTCOMES.flatMap((outcome) => {
    const n = selected.filter((row) => row.outcome === outcome).length;
    return n === 0 ? [] : [`${n} ${outcome}`];
  });
  return `${plural(selected.length, 'material')} chosen, ${parts.join(', ')}`;
}

function roundTable({ round, selected }: RoundRow, { simulated, targets }: ReportModel): Markup {
  return dataTable({
    label: `Chosen in round ${round}`,
    columns: [
      { label: 'Rank', numeric: true },
      { label: 'Material' },
      { label: 'Score', numeric: true },
      ...targets.flatMap((target) => [
        { label: `${targetWords(target).symbol} predicted`, numeric: true },
        { label: `${targetWords(target).symbol} ${simulated ? 'simulated' : 'calculated'}`, numeric: true },
      ]),
      { label: 'Outcome' },
      { label: 'When' },
    ],
    rows: selected.map((row) => selectedCells(row, targets)),
  });
}

function selectedCells(row: SelectedRow, targets: readonly Target[]) {
  const { rank, materialId, formula, score, mean, standardDeviation, actual, outcome, at } = row;
  return [
    String(rank),
    html`<span class="id">${materialId}</span> ${formula}`,
    fixed(score, 3),
    ...targets.flatMap((_, t) => [
      plusMinus(mean[t], standardDeviation[t], 1),
      actual === undefined ? '' : fixed(actual[t], 1),
    ]),
    html`<span class="outcome ${outcome}">${outcome}</span>`,
    at === undefined ? '' : timeText(at),
  ];
}

/** `2026-03-01T12:34:56.789Z` as `2026-03-01 12:34:56Z`: the time as it was recorded, only easier to read. */
export function timeText(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.replace(/^([\d-]+)T([\d:]+)(?:[.]\d+)?/, '$1 $2')}</time>`;
}
