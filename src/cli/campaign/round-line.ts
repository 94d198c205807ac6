import type { Target } from '../../model/label.ts';
import { grouped } from '../progress/progress-text.ts';
import type { RoundRow } from './round-row.ts';

/** How moduli are called on screen. */
export const TARGET_SYMBOLS: Readonly<Record<Target, string>> = { g_vrh: 'G', k_vrh: 'K' };

/** `round 3     356 labels (+50)  test MAE G 12.90  K 15.80 GPa  candidates G 11.00  K 14.10 GPa  4.1 s` */
export function roundLine(row: RoundRow): string {
  const errors = (of: Readonly<Record<string, number | null>>) =>
    Object.entries(of)
      .flatMap(([target, mae]) => (mae === null ? [] : [`${TARGET_SYMBOLS[target as Target]} ${mae.toFixed(2)}`]))
      .join('  ');
  const parts = [`round ${String(row.round).padEnd(4)}`, `${grouped(row.labels)} labels (+${grouped(row.added)})`];
  if (errors(row.test_mae)) parts.push(`test MAE ${errors(row.test_mae)} GPa`);
  if (errors(row.mae)) parts.push(`candidates ${errors(row.mae)} GPa`);
  if (row.seconds !== null) parts.push(`${row.seconds.toFixed(1)} s`);
  return parts.join('  ');
}
