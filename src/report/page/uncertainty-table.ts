import type { Covered, UncertaintyMetrics } from '../../learning/acquisition/uncertainty-metrics.ts';
import { targetWords } from '../../model/target-words.ts';
import type { Markup } from '../markup.ts';
import { count, fixed } from '../number-text.ts';
import type { ReportModel } from '../report-model.ts';
import { foldedTable } from './data-table.ts';

const SUBSETS = { test: 'test set', reserve: 'reserve, cross-fitted', batch: 'last batch, before it trained' } as const;

/** The uncertainty of each arm's last measured round in numbers. */
export function uncertaintyTable({ arms }: ReportModel): Markup | undefined {
  const rows = arms.flatMap(({ name, rounds }) => {
    const last = rounds.findLast(({ uncertainty = [] }) => uncertainty.length > 0);
    return (last?.uncertainty ?? []).map((metrics) => [name, ...cells(metrics)]);
  });
  if (rows.length === 0) return undefined;
  const numeric = [
    'n',
    'raw 68 / 95 %',
    'calibrated 68 / 95 %',
    'Width at 95 %',
    'z\u00b2',
    'z\u00b2 scaled',
    'Rank correlation',
  ];
  return foldedTable('Intervals of the latest round in numbers', {
    label: 'Intervals of the latest round',
    caption:
      'Share of known values within their intervals, %; mean width, in the unit of the target; mean squared error in STDEV, 1 where the STDEV is an error bar, with its 95 % interval; rank correlation of |error| and STDEV.',
    columns: [
      ...['Arm', 'Target', 'Measured on', 'Group'].map((label) => ({ label })),
      ...numeric.map((label) => ({ label, numeric: true })),
    ],
    rows,
  });
}

function cells(metrics: UncertaintyMetrics): string[] {
  const { target, subset, group, coverage, meanSquaredZ, meanSquaredZInterval, rankCorrelation } = metrics;
  const levels = [coverage.at(0), coverage.at(-1)];
  const shares = (way: (level: (typeof coverage)[number]) => Covered | undefined) =>
    levels.map((level) => share(level && way(level), metrics.count)).join(' / ');
  const width = coverage.at(-1)?.conformal?.width;
  return [
    targetWords(target).symbol,
    SUBSETS[subset],
    group === '' ? 'all' : group,
    count(metrics.count),
    shares(({ raw }) => raw),
    shares(({ conformal }) => conformal),
    width === undefined ? '' : Number.isFinite(width) ? fixed(width, 1) : 'unbounded',
    squares(meanSquaredZ, meanSquaredZInterval),
    squares(metrics.scaledMeanSquaredZ, metrics.scaledMeanSquaredZInterval),
    fixed(rankCorrelation, 2),
  ];
}

function share(covered: Covered | undefined, total: number): string {
  return covered === undefined ? '' : fixed((100 * covered.inside) / total, 1);
}

function squares(
  value: number | undefined,
  interval: { readonly low: number; readonly high: number } | undefined,
): string {
  if (value === undefined || interval === undefined) return '';
  return `${fixed(value, 2)} (${fixed(interval.low, 2)} to ${fixed(interval.high, 2)})`;
}
