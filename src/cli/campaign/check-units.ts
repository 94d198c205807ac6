import { uncheckedRows } from '../../adapters/sources/files/unchecked-rows.ts';
import { createSummaryGatherer, unitDoubts } from '../../learning/data/unit-doubts.ts';
import { AppError } from '../../model/app-error.ts';
import type { TableOptions } from '../../model/table-options.ts';

/** Enough for a median, and read in a moment. */
const ROWS_MAX = 2_000;

/** How a unit is said: as options of a command, or as keys of the campaign file. */
export const SAYING = {
  options: { modulus: '--unit', length: '--length-unit' },
  keys: { modulus: 'unit:', length: 'length_unit:' },
} as const;

/**
 * Looks at the first rows of files before any is taken. What a table's own titles say counts as said.
 * @throws AppError `invalid_argument` with the evidence if the units are not those that were said, or are presumed
 */
export async function assertUnits(
  path: string,
  said: TableOptions,
  saying: (typeof SAYING)[keyof typeof SAYING],
): Promise<void> {
  if (said.unit && said.lengthUnit) return;
  const gatherer = createSummaryGatherer();
  let rows = 0;
  for await (const row of uncheckedRows([path], { table: said })) {
    gatherer.add(row);
    if (++rows === ROWS_MAX) break;
  }
  const [first, ...others] = unitDoubts(gatherer.summary()).filter(({ quantity }) =>
    quantity === 'lattice' ? !said.lengthUnit : !said.unit,
  );
  if (!first) return;
  const isLength = first.quantity === 'lattice';
  const say = isLength ? saying.length : saying.modulus;
  const presumed = isLength ? 'Angstrom' : 'GPa';
  const remedy = `say which it is: ${say} ${first.looksLike} to have them converted, ${say} ${presumed} to take them as they stand`;
  const evidence = [first, ...others].map(({ message }) => message).join('; ');
  throw new AppError('invalid_argument', `${path}: ${evidence}; ${remedy}`);
}
