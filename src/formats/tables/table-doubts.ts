import { toGigapascal } from '../../model/input-units.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { TableOptions } from '../../model/table-options.ts';
import { quote } from '../located-rejection.ts';
import { cellNumber, hasDecimalComma } from './table-cell.ts';
import type { ModulusColumn, TableColumns } from './table-columns.ts';

/** Fewer values say little of what they are. */
const VALUES_MIN = 8;
/**
 * Medians of G and K over crystals lie between 5 and 150 GPa. Those of stiff classes alone (carbides, diamond-like)
 * reach 300 and 400.
 */
const MEDIAN_MAX_GPA = { g: 350, k: 450 } as const;
const PASCAL_MIN = 1e6;
/** No logarithm of a modulus in GPa is larger: 10^3.2 GPa is three times diamond. */
const LOG_MAX = 3.2;
/** K exceeds G in nearly all crystals; a median ratio above this speaks of exchanged columns. */
const RATIO_MAX = 1.6;

/**
 * What must be asked back before a table is taken as it stands, from its first rows: decimal commas, numbers that look
 * like another unit, columns that look exchanged. What the user or the title has said is not asked.
 * @throws RejectedInput `bad_number`, `out_of_range` that names the answers
 */
export function assertUndoubted(
  columns: TableColumns,
  rows: readonly (readonly unknown[])[],
  options: TableOptions = {},
): void {
  const { g, k, isDecimalComma } = columns;
  for (const column of [g, k]) if (column && !isDecimalComma) assertPoints(column, rows);
  assertPlausibleUnits(columns, rows);
  const areNamed = options.columns?.g !== undefined && options.columns.k !== undefined;
  if (!g || !k || areNamed) return;
  assertNotExchanged(g, k, numbersOf(g, rows, isDecimalComma), numbersOf(k, rows, isDecimalComma));
}

/**
 * Whether the numbers look like the unit that is presumed where nobody has said one.
 * @throws RejectedInput `out_of_range` that names the answers
 */
export function assertPlausibleUnits(
  { g, k, isDecimalComma }: Pick<TableColumns, 'g' | 'k' | 'isDecimalComma'>,
  rows: readonly (readonly unknown[])[],
): void {
  if (g) assertPlausible(g, 'g', numbersOf(g, rows, isDecimalComma));
  if (k) assertPlausible(k, 'k', numbersOf(k, rows, isDecimalComma));
}

function assertPoints({ title, index }: ModulusColumn, rows: readonly (readonly unknown[])[]): void {
  const first = rows.find((cells) => hasDecimalComma(cells[index]));
  if (first === undefined) return;
  const cell = quote(first[index]);
  const answers = 'if that is a decimal comma, say --decimal comma (decimal: comma); else remove it';
  throw new RejectedInput('bad_number', `column ${quote(title)} holds ${cell}; ${answers}`);
}

/** The numbers of a column by row, as they stand; NaN where there is none. */
function numbersOf(column: ModulusColumn, rows: readonly (readonly unknown[])[], isDecimalComma: boolean): number[] {
  return rows.map((cells) => {
    try {
      return cellNumber(cells[column.index], column, isDecimalComma) ?? Number.NaN;
    } catch {
      // The row is rejected when it is read.
      return Number.NaN;
    }
  });
}

function assertPlausible(column: ModulusColumn, role: 'g' | 'k', all: readonly number[]): void {
  const values = all.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (values.length < VALUES_MIN || column.isUnitSaid) return;
  const median = values[Math.floor(values.length / 2)]!;
  const largest = values.at(-1)!;
  const guess = unitGuess(median, largest, MEDIAN_MAX_GPA[role]);
  if (guess === undefined) return;
  const found = `column ${quote(column.title)} has a median of ${short(median)} and a maximum of ${short(largest)}`;
  const answers = `say --unit ${guess} (unit: ${guess}) if they are that, or --unit GPa if they are GPa`;
  throw new RejectedInput('out_of_range', `${found}, which looks like ${guess}; ${answers}`);
}

function unitGuess(median: number, largest: number, medianMax: number): string | undefined {
  if (median >= PASCAL_MIN) return 'Pa';
  if (median >= 5_000) return 'MPa';
  if (median > medianMax) return 'kbar';
  if (largest > LOG_MAX || median <= 0) return undefined;
  // Logarithms of moduli have medians of 1 to 2, moduli in eV/A^3 of 0.1 to 0.8.
  return median >= 0.9 ? 'log10(GPa)' : 'eV/A^3';
}

function assertNotExchanged(
  g: ModulusColumn,
  k: ModulusColumn,
  shear: readonly number[],
  bulk: readonly number[],
): void {
  const ratios = shear
    .map((value, i) => toGigapascal(value, g.unit) / toGigapascal(bulk[i]!, k.unit))
    .filter((ratio) => Number.isFinite(ratio) && ratio > 0)
    .sort((a, b) => a - b);
  if (ratios.length < VALUES_MIN) return;
  const median = ratios[Math.floor(ratios.length / 2)]!;
  if (median <= RATIO_MAX) return;
  const found = `g=${g.title} is ${short(median)} times k=${k.title} in the median, and shear moduli are mostly smaller`;
  throw new RejectedInput(
    'out_of_range',
    `${found}; are the columns exchanged? Say which is which by --columns g=...,k=...`,
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
