import type { StudyPart } from '../../learning/study/paper-study.ts';
import type { StudyResults } from '../../learning/study/study-results.ts';
import { rowTexts, studySections } from './study-words.ts';

const HEADS = ['', '', 'n', 'ours', 'ensemble', 'paper'];

/** The study's tables for a terminal. */
export function studyText(parts: readonly StudyPart[], { rows, notes }: StudyResults): string {
  const sections = studySections(parts, rows).filter((section) => section.rows.length > 0);
  const tables = sections.map(({ title, shown, rows: own }) => {
    return `${title} (${shown})\n${aligned([HEADS, ...own.map(rowTexts)])}`;
  });
  return `${[...tables, ...notes.map((note) => `note: ${note}`)].join('\n\n')}\n`;
}

/** A label that repeats is said once. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths = HEADS.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line, i) => {
      const label = line[0] === lines[i - 1]?.[0] ? '' : line[0]!;
      const padded = [label, ...line.slice(1)].map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      );
      return `  ${padded.join('  ').trimEnd()}`;
    })
    .join('\n');
}
