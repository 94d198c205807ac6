import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import { coveragePlot, errorByStdev } from '../charts/calibration-plot.ts';
import { coverageByRound } from '../charts/coverage-by-round.ts';
import { GROUP_WORDS, importanceBars } from '../charts/importance-bars.ts';
import { learningCurve } from '../charts/learning-curve.ts';
import { parityPlots } from '../charts/parity-plot.ts';
import { uncertaintyHistogram } from '../charts/uncertainty-histogram.ts';
import { html, type Markup } from '../markup.ts';
import { coverage, errorOf, NOMINAL_SHARES } from '../model/calibration.ts';
import { worstPoints } from '../model/worst-points.ts';
import { count, fixed, plusMinus } from '../number-text.ts';
import { metricsOf, type ReportArm, type ReportModel } from '../report-model.ts';
import { SUBSET_WORDS } from '../target-words.ts';
import { dataTable, foldedTable } from './data-table.ts';
import { METRICS_CAPTION, METRICS_COLUMNS, metricsCells } from './headline.ts';
import { uncertaintyTable } from './uncertainty-table.ts';

export function learning(model: ReportModel): Markup {
  const charts = model.targets.map(
    (target) => html`<h3>${capital(targetWords(target).name)}</h3>
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
        return [[`${name}, ${SUBSET_WORDS[subset]}`, ...when, ...metricsCells(metrics)]];
      }),
    ),
  );
  if (rows.length === 0) return undefined;
  const numeric = ['Round', 'Training labels', 'Added', 'Seconds'].map((label) => ({ label, numeric: true }));
  return foldedTable(`All rounds of ${targetWords(target).symbol} in numbers`, {
    label: `${capital(targetWords(target).name)} by round`,
    caption: METRICS_CAPTION,
    columns: [{ label: 'Arm and set' }, ...numeric, ...METRICS_COLUMNS],
    rows,
  });
}

/** Predicted against calculated, and by name where they are furthest apart. */
export function parity(model: ReportModel): Markup {
  if (model.arms.length === 0) return notBegun();
  const tables = model.targets.flatMap((target) => model.arms.map((arm) => worstTable(model, arm, target)));
  return html`<div class="figures">${model.targets.map((target) => parityPlots(model, target))}</div>
<div class="beside">${tables}</div>`;
}

function worstTable(
  { simulated }: ReportModel,
  { name, parity: points }: ReportArm,
  target: Target,
): Markup | undefined {
  const { symbol } = targetWords(target);
  const worst = worstPoints(points[target] ?? []);
  if (worst.length === 0) return undefined;
  const numeric = [simulated ? 'By its label' : 'Calculated', 'Predicted', '|Error|', 'in STDEV'];
  return html`<div>${dataTable({
    label: `Largest errors of ${symbol}, ${name}`,
    caption: `${name}: the largest errors of ${symbol} in the latest round, GPa; predicted \u00b1 STDEV over the members.`,
    columns: [{ label: 'Material' }, { label: 'Set' }, ...numeric.map((label) => ({ label, numeric: true }))],
    rows: worst.map((point) => [
      html`${point.formula === undefined ? undefined : `${point.formula} `}<span class="id">${point.materialId}</span>`,
      SUBSET_WORDS[point.set],
      fixed(point.actual, 1),
      plusMinus(point.mean, point.standardDeviation, 1),
      fixed(errorOf(point), 1),
      fixed(errorOf(point) / point.standardDeviation, 1),
    ]),
  })}</div>`;
}

/** Whether the members' STDEV says how large the errors are. */
export function calibration(model: ReportModel): Markup {
  return html`${perArm(model, errorByStdev)}${perArm(model, coveragePlot)}${coverageTable(model)}
${perArm(model, coverageByRound)}${uncertaintyTable(model)}
<p class="note">The STDEV over the members says where the models disagree, and is no promise of an error. Where the curves keep to the \
dotted lines it can be read as one. Calibrated intervals are those of the reserve (split conformal): they hold for materials \
like those of the pool, whatever the STDEV says, and not for what a strategy picks. Candidates are those that no round has chosen yet; only those whose value is known are counted.</p>`;
}

function coverageTable({ arms, targets }: ReportModel): Markup | undefined {
  const rows = targets.flatMap((target) =>
    arms.flatMap(({ name, parity: points }) =>
      (['test', 'candidates'] as const).flatMap((set) => {
        const levels = coverage((points[target] ?? []).filter((point) => point.set === set));
        if (levels.length === 0) return [];
        const shares = levels.map(({ observed }) => fixed(100 * observed, 1));
        return [[targetWords(target).symbol, name, SUBSET_WORDS[set], ...shares]];
      }),
    ),
  );
  if (rows.length === 0) return undefined;
  return foldedTable('Coverage in numbers', {
    label: 'Coverage of the intervals',
    caption: 'Share of known values within mean \u00b1 z STDEV, %.',
    columns: [
      { label: 'Modulus' },
      { label: 'Arm' },
      { label: 'Measured on' },
      ...NOMINAL_SHARES.map((share) => ({ label: `of ${fixed(100 * share, 0)} %`, numeric: true })),
    ],
    rows,
  });
}

function perArm(
  model: ReportModel,
  chart: (model: ReportModel, arm: number, target: Target) => Markup | undefined,
): Markup {
  if (model.arms.length === 0) return notBegun();
  const charts = model.targets.flatMap((target) => model.arms.map((_, arm) => chart(model, arm, target)));
  return html`<div class="figures">${charts}</div>`;
}

export function uncertainty(model: ReportModel): Markup {
  const tables = model.arms.flatMap(({ name, uncertainty: histograms }) =>
    model.targets.flatMap((target) => {
      const { symbol } = targetWords(target);
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

export function importances(model: ReportModel): Markup {
  const tables = model.arms.flatMap(({ name, importances: known }) =>
    model.targets.flatMap((target) => {
      const { symbol } = targetWords(target);
      const rows = known[target] ?? [];
      if (rows.length === 0) return [];
      return foldedTable(`${symbol}, ${name}, in numbers`, {
        label: `Features by share of the gain for ${symbol}, ${name}`,
        columns: [
          { label: 'Feature' },
          { label: 'What it is' },
          { label: 'Unit' },
          { label: 'Group' },
          { label: 'Share of the gain (%)', numeric: true },
        ],
        rows: rows.map(({ feature, meaning, unit, group, gainShare }) => {
          return [feature, meaning ?? '', unit === '1' ? '' : unit, GROUP_WORDS[group], fixed(100 * gainShare, 2)];
        }),
      });
    }),
  );
  return html`${perArm(model, importanceBars)}${tables}`;
}

function notBegun(): Markup {
  return html`<p class="empty">The campaign has not begun.</p>`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
