import type { PartId, StudyPart } from '../../learning/study/paper-study.ts';
import type { Spread } from '../../learning/study/paper-values.ts';
import type { StudyRow } from '../../learning/study/study-results.ts';
import { targetWords } from '../../model/target-words.ts';
import { count, plusMinus } from '../number-text.ts';

/** Rows of one title. */
export interface StudySection {
  readonly id: 'database' | PartId;
  readonly title: string;
  readonly shown: string;
  readonly rows: readonly StudyRow[];
}

export function studySections(parts: readonly StudyPart[], rows: readonly StudyRow[]): StudySection[] {
  const database = { id: 'database', title: 'Database', shown: 'Fig. 2' } as const;
  return [database, ...parts].map(({ id, title, shown }) => {
    return { id, title, shown, rows: rows.filter(({ part }) => part === id) };
  });
}

/** Label, what, number of materials, members, ensemble, paper. */
export function rowTexts(row: StudyRow): string[] {
  return [
    row.label,
    whatOf(row),
    row.count === undefined ? '' : count(row.count),
    spreadText(row, row.ours),
    row.ensemble === undefined ? '' : spreadText(row, { mean: row.ensemble }),
    spreadText(row, row.paper),
  ];
}

/** `R2 of G, Na` */
function whatOf({ quantity, target, materials }: StudyRow): string {
  const of = target === undefined ? '' : ` of ${targetWords(target).symbol}`;
  return `${quantity}${of}${materials === undefined || materials === 'all' ? '' : `, ${materials}`}`;
}

/** With as many digits as the paper gives such a number. */
function spreadText({ quantity, unit }: StudyRow, spread: Spread | undefined): string {
  if (spread === undefined) return '';
  const digits = quantity === 'R2' ? 3 : unit === 'GPa' ? 2 : unit === '%' ? 1 : 0;
  return plusMinus(spread.mean, spread.standardDeviation, digits);
}
