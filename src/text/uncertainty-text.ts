import { conformalCountMin } from '../kernels/calibration/split-conformal.ts';
import { quantities } from '../model/target-words.ts';
import type { RoundRow } from '../reading/round-row.ts';
import type { UncertaintyRow } from '../reading/uncertainty-rows.ts';
import { grouped } from './progress-text.ts';

/** What a round's STDEV is worth, in labelled lines; none where it was not measured. */
export function uncertaintyEntries({
  calibration,
  uncertainty,
}: Pick<RoundRow, 'calibration' | 'uncertainty'>): (readonly [label: string, text: string])[] {
  const test = uncertainty.filter(({ subset, group }) => subset === 'test' && group === 'all');
  if (test.length === 0) return [];
  const scales = calibration.filter(({ group }) => group === 'all');
  const held = (by: 'raw' | 'conformal', wanted: number) => `${100 * wanted} % hold ${heldText(test, by, wanted)}`;
  const squares = perTarget(test, ({ mean_squared_z: z }) => z?.toFixed(1));
  const raw = `read as one, ${held('raw', 0.68)}, ${held('raw', 0.95)} of the test set; mean squared z ${squares}`;
  const [first] = scales;
  if (first === undefined) return [['STDEV', `no error bar (no reserve): ${raw}`]];
  const factors = perTarget(scales, ({ scale }) => scale?.toFixed(2));
  return [
    ['intervals', `${held('conformal', 0.68)}, ${held('conformal', 0.95)} of the test set`],
    ['STDEV', `${raw}; calibrated by ${grouped(first.count)} of the reserve: times ${factors}`],
    ...tooFew(calibration).map((text) => ['intervals', text] as const),
  ];
}

function heldText(rows: readonly UncertaintyRow[], by: 'raw' | 'conformal', wanted: number): string {
  const share = ({ coverage }: UncertaintyRow) => coverage.find(({ level }) => level === wanted)?.[by]?.share;
  return `${perTarget(rows, (row) => (100 * (share(row) ?? Number.NaN)).toFixed(1))} %`;
}

/** `G 94.9, K 95.3` */
function perTarget<R extends { readonly target: string }>(
  rows: readonly R[],
  text: (row: R) => string | undefined,
): string {
  const listed = rows.map((row) => [row.target, text(row) ?? '-'] as const);
  return quantities(listed, ', ').replace(/ GPa$/, '');
}

/** The levels at which the reserve is too small to bound anything. */
function tooFew(calibration: RoundRow['calibration']): string[] {
  const [first] = calibration.filter(({ group }) => group === 'all');
  const levels = (first?.quantiles ?? []).filter(({ quantile }) => quantile === null);
  if (first === undefined || levels.length === 0) return [];
  const names = levels.map(({ level }) => `${100 * level} % (which needs ${conformalCountMin(level)})`).join(', ');
  return [`unbounded with ${grouped(first.count)} of the reserve at ${names}`];
}
