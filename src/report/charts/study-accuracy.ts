import { dot, link, text } from '@observablehq/plot';
import type { StudyRow } from '../../learning/study/study-results.ts';
import { MODULI, type Modulus } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import { html, type Markup } from '../markup.ts';
import { plusMinus } from '../number-text.ts';
import { box, linearAxis, span } from './axes.ts';
import { chartFigure } from './chart-figure.ts';
import { dotKey } from './legend.ts';

const ROW_HEIGHT = 28;
const CHARACTERS_MAX = 40;
const MARGINS = { left: 286 };
const OURS = { r: 4, fill: 'var(--arm1)', stroke: 'var(--arm1)' };
const PAPERS = { symbol: 'times', r: 4, stroke: 'var(--arm2)', strokeWidth: 2 } as const;

interface Shown {
  readonly row: number;
  readonly label: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly paper: number;
}

/** MAE of each of a part's campaigns, a chart per modulus; nothing where there is one campaign alone. */
export function accuracyChart(id: string, title: string, rows: readonly StudyRow[]): Markup | undefined {
  const charts = MODULI.flatMap((target) => {
    const found = rows.filter((row) => row.target === target && row.quantity === 'MAE' && isShown(row));
    return found.length > 1 ? [chartOf(id, title, target, found)] : [];
  });
  return charts.length > 0 ? html`<div class="figures">${charts}</div>` : undefined;
}

function isShown({ materials, ours }: StudyRow): boolean {
  return materials !== undefined && /^(all|candidates left)$/.test(materials) && Number.isFinite(ours.mean);
}

function chartOf(id: string, title: string, target: Modulus, rows: readonly StudyRow[]): Markup {
  const { symbol } = targetWords(target);
  const shown = rows.map(({ label, ours, paper }, row): Shown => {
    const { mean, standardDeviation = 0 } = ours;
    const text = label.length > CHARACTERS_MAX ? `${label.slice(0, CHARACTERS_MAX - 1)}\u2026` : label;
    const [low, high] = [mean - standardDeviation, mean + standardDeviation];
    return { row, label: text, mean, low, high, paper: paper?.mean ?? Number.NaN };
  });
  const stated = shown.filter(({ paper }) => Number.isFinite(paper));
  const mouse = ({ label, mean, high }: Shown) => `${label}: ${plusMinus(mean, high - mean, 2)} GPa`;
  return chartFigure({
    id: `study-${id}-${target}`,
    title: `MAE of ${symbol}: ${title}`,
    description: rows
      .map(({ label, ours }) => `${label} ${plusMinus(ours.mean, ours.standardDeviation, 2)} GPa`)
      .join(', '),
    x: linearAxis(`MAE of ${symbol} (GPa)`, span(shown.flatMap(({ low, high, paper }) => [low, high, paper]))),
    y: { axis: null, domain: shown.map(({ row }) => row), type: 'point', padding: 0.6 },
    legend: [
      { label: 'ours, \u00b1 STDEV of the members', key: [dotKey(OURS)] },
      ...(stated.length > 0 ? [{ label: 'the paper', key: [dotKey(PAPERS)] }] : []),
    ],
    marks: [
      box(),
      link(shown, { x1: 'low', x2: 'high', y1: 'row', y2: 'row', stroke: 'var(--arm1)', strokeWidth: 2 }),
      dot(shown, { x: 'mean', y: 'row', ...OURS, title: mouse }),
      dot(stated, { x: 'paper', y: 'row', ...PAPERS }),
      text(shown, { frameAnchor: 'left', y: 'row', dx: -8, textAnchor: 'end', text: 'label' }),
    ],
    margins: MARGINS,
    plotHeight: Math.max(2, shown.length) * ROW_HEIGHT,
    caption: `Mean absolute error of ${symbol} on materials that the members were not trained on.`,
  });
}
