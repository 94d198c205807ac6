import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import { armLook } from '../charts/arm-look.ts';
import { html, type Markup } from '../markup.ts';
import { type CurvePoint, type LearningCurve, learningCurves } from '../model/learning-curves.ts';
import { count, fixed, plural, plusMinus } from '../number-text.ts';
import { type MetricsRow, metricsOf, type ReportArm, type ReportModel } from '../report-model.ts';
import { SUBSET_WORDS } from '../target-words.ts';
import { dataTable } from './data-table.ts';

/** What happened, in one sentence per strategy and target. */
export function headline(model: ReportModel): Markup {
  const { arms, targets } = model;
  const sentences = targets.flatMap((target) =>
    learningCurves(model, target, 'test').map((curve) => {
      const text = curve.seeds === 1 ? sentence(arms[curve.arm]!, target) : seedsSentence(curve, target);
      return html`<li class="${armLook(model, curve.arm).name}">${text}</li>\n`;
    }),
  );
  return html`<ul class="headline">${sentences}</ul>`;
}

/** Over several seeds, each of which has a test set of its own. */
function seedsSentence({ strategy, seeds, points }: LearningCurve, target: Target): Markup {
  const { name } = targetWords(target);
  const who = html`<strong>${strategy}</strong>, ${count(seeds)} seeds`;
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) {
    return html`${who}: no round has a test error of the ${name} with every seed yet.`;
  }
  const range = ({ mae, low, high }: CurvePoint) => `${fixed(mae, 2)} GPa (${fixed(low, 2)} to ${fixed(high, 2)})`;
  if (first === last) return html`${who}: the median test MAE of the ${name} is ${range(first)}, from one round.`;
  return html`${who}: median test MAE of the ${name} ${range(first)} at first, ${range(last)} after ${plural(last.added, 'label')}.`;
}

/** On the test set, the only honest measure; without one that is said, and nothing claimed. */
function sentence(arm: ReportArm, target: Target): Markup {
  const { name } = targetWords(target);
  const strategy = html`<strong>${arm.name}</strong>`;
  if (arm.rounds.length === 0) return html`${strategy}: no round is measured yet, so nothing is known of the ${name}.`;
  const measured = arm.rounds.flatMap((round) => {
    const metrics = metricsOf(round, target, 'test');
    return metrics !== undefined && Number.isFinite(metrics.mae) ? [{ round, metrics }] : [];
  });
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined) {
    return html`${strategy}: the ${name} has no test error, so nothing says whether the model got better.`;
  }
  const [from, to] = [fixed(first.metrics.mae, 2), fixed(last.metrics.mae, 2)];
  if (first === last) return html`${strategy}: the test MAE of the ${name} is ${from} GPa, from one round.`;
  const change = last.metrics.mae - first.metrics.mae;
  const spread = last.metrics.maeStandardDeviation;
  const verb = from === to ? 'leaves' : change < 0 ? 'brings' : 'raises';
  const moved = from === to ? `at ${to}` : `from ${from} to ${to}`;
  const small = Math.abs(change) < spread ? `, less than the members' STDEV of ${fixed(spread, 2)} GPa` : '';
  return html`After ${plural(last.round.added, 'label')} ${strategy} ${verb} the test MAE of the ${name} ${moved} GPa${small}.`;
}

/** First and last round of each arm and target, on both sets. */
export function keyNumbers({ arms, targets }: ReportModel): Markup | undefined {
  const rows = targets.flatMap((target) =>
    arms.flatMap(({ name, rounds }) =>
      (['test', 'candidates'] as const).flatMap((subset) => {
        const measured = rounds.flatMap((round) => {
          const metrics = metricsOf(round, target, subset);
          return metrics === undefined ? [] : [[count(round.labels), ...metricsCells(metrics)]];
        });
        const [first, last] = [measured[0], measured.at(-1)];
        if (first === undefined || last === undefined) return [];
        const moves = last.map((cell, i) => {
          const changes = i <= METRICS_COLUMNS.length - MEMBER_COLUMNS && cell !== first[i];
          return changes ? `${first[i]}\u00a0\u2192 ${cell}` : cell;
        });
        return [[targetWords(target).symbol, name, SUBSET_WORDS[subset], ...moves]];
      }),
    ),
  );
  if (rows.length === 0) return undefined;
  return dataTable({
    label: 'First and last round',
    caption: `From the first round to the last; of members the last. ${METRICS_CAPTION}`,
    columns: [
      { label: 'Modulus' },
      { label: 'Arm' },
      { label: 'Measured on' },
      { label: 'Labels', numeric: true },
      ...METRICS_COLUMNS,
    ],
    rows,
  });
}

export const METRICS_CAPTION =
  "n: materials with a known value; MAE and RMSE in GPa, of the ensemble's mean; of members: mean \u00b1 STDEV of their own figures.";
export const METRICS_COLUMNS = ['n', 'MAE', 'RMSE', 'R\u00b2', 'MAE of members', 'R\u00b2 of members'].map((label) => ({
  label,
  numeric: true,
}));

/** How many of them, at the end, are of the members. */
const MEMBER_COLUMNS = 2;

/** The cells under METRICS_COLUMNS. */
export function metricsCells(metrics: MetricsRow): string[] {
  const { mae, rmse, r2, memberMae, maeStandardDeviation, memberR2, memberR2StandardDeviation } = metrics;
  return [
    count(metrics.count),
    fixed(mae, 2),
    fixed(rmse, 2),
    fixed(r2, 3),
    plusMinus(memberMae, maeStandardDeviation, 2),
    plusMinus(memberR2, memberR2StandardDeviation, 3),
  ];
}
