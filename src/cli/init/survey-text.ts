import type { Rejection } from '../../model/rejection.ts';
import { MODULI, type Modulus } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import { grouped } from '../../text/progress-text.ts';
import type { Survey } from './survey.ts';

const BARS = '▁▂▃▄▅▆▇█';
const BINS = 24;
const CODES_SHOWN_MAX = 5;

/** What was found, for people. */
export function surveyLines(survey: Survey): string[] {
  const { path, notes, materials, labels, unlabelled, rejected, skipped } = survey;
  const refused = [...rejected.values()].reduce((sum, { count }) => sum + count, 0);
  const parts = [
    `${grouped(materials)} materials with structures`,
    `${grouped(labels)} labels`,
    ...(unlabelled > 0 ? [`${grouped(unlabelled)} without a label`] : []),
    ...(refused > 0 ? [`${grouped(refused)} rejected`] : []),
  ];
  const found = [...new Set(notes)].map((note) => `  ${note.slice(note.indexOf(': ') + 2)}`);
  return [
    `${path}: ${parts.join(', ')}`,
    ...found,
    ...distributionLines(survey),
    ...rejectionLines(rejected),
    ...skippedLine(skipped),
  ];
}

function distributionLines({ values, labels }: Survey): string[] {
  return MODULI.flatMap((target) => {
    const sorted = values[target].toSorted((a, b) => a - b);
    if (sorted.length === 0) return labels > 0 ? [`  ${targetWords(target).symbol}  no values`] : [];
    return [`  ${distribution(target, sorted)}`];
  });
}

function distribution(target: Modulus, sorted: readonly number[]): string {
  const { symbol, unit } = targetWords(target);
  const [least, median, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  const numbers = `min ${short(least)}, median ${short(median)}, max ${short(most)} ${unit}`;
  return `${symbol}  ${grouped(sorted.length)} values: ${numbers}  ${histogram(sorted)}`;
}

/** Bars over equal steps from the 1st to the 99th percentile; what lies beyond counts in the outermost. */
function histogram(sorted: readonly number[]): string {
  const at = (fraction: number) => sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]!;
  const [low, high] = [at(0.01), at(0.99)];
  if (!(high > low)) return '';
  const counts = new Array<number>(BINS).fill(0);
  for (const value of sorted) {
    const bin = Math.floor((BINS * (value - low)) / (high - low));
    counts[Math.max(0, Math.min(BINS - 1, bin))]!++;
  }
  const largest = Math.max(...counts);
  const bar = (count: number) => (count === 0 ? ' ' : BARS[Math.ceil((BARS.length * count) / largest) - 1]!);
  return `${short(low)} |${counts.map(bar).join('')}| ${short(high)}`;
}

function rejectionLines(rejected: Survey['rejected']): string[] {
  const ordered = [...rejected].sort(([, a], [, b]) => b.count - a.count);
  const lines = ordered
    .slice(0, CODES_SHOWN_MAX)
    .map(
      ([code, { count, first }]) =>
        `  rejected ${grouped(count)} (${code})${count > 1 ? ', the first' : ''}: ${placed(first)}`,
    );
  const more = ordered.length - CODES_SHOWN_MAX;
  return more > 0 ? [...lines, `  and ${more} further reasons`] : lines;
}

function placed({ locator, materialId, message }: Rejection): string {
  const place = [locator, materialId].filter((part) => part !== undefined).join(', ');
  return place === '' ? message : `${place}: ${message}`;
}

function skippedLine(skipped: readonly string[]): string[] {
  if (skipped.length === 0) return [];
  const [first] = skipped;
  const others = skipped.length > 1 ? ` and ${grouped(skipped.length - 1)} more` : '';
  return [`  passed over: ${first}${others}`];
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
