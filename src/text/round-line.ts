import { quantities } from '../model/target-words.ts';
import type { RoundRow } from '../reading/round-row.ts';
import { grouped } from './progress-text.ts';

/** `round 3     356 labels (+50)  test MAE G 12.90  K 15.80 GPa  candidates G 11.00  K 14.10 GPa  4.1 s` */
export function roundLine(row: RoundRow): string {
  const errors = (of: Readonly<Record<string, number | null>>) =>
    quantities(
      Object.entries(of).flatMap(([target, mae]) => (mae === null ? [] : [[target, mae.toFixed(2)] as const])),
      '  ',
    );
  const parts = [`round ${String(row.round).padEnd(4)}`, `${grouped(row.labels)} labels (+${grouped(row.added)})`];
  if (errors(row.test_mae)) parts.push(`test MAE ${errors(row.test_mae)}`);
  if (errors(row.mae)) parts.push(`candidates ${errors(row.mae)}`);
  if (row.seconds !== null) parts.push(`${row.seconds.toFixed(1)} s`);
  return parts.join('  ');
}
