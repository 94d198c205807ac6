import { InvalidArgumentError } from 'commander';
import { uncheckedRows } from '../../adapters/sources/files/unchecked-rows.ts';
import { createSummaryGatherer, unitDoubts } from '../../learning/data/unit-doubts.ts';
import { AppError } from '../../model/app-error.ts';
import { type InputUnits, UNIT_CHOICES, unitsNamed } from '../../model/input-units.ts';

/** Enough for a median, and read in a moment. */
const ROWS_MAX = 2_000;

/** For --unit. */
export function parseUnits(text: string): InputUnits {
  const units = unitsNamed(text);
  if (units) return units;
  throw new InvalidArgumentError(`Units are ${UNIT_CHOICES}.`);
}

/**
 * Looks at the first rows of files before any is taken.
 * @param saying how a unit is said: `--unit`, or a key of the campaign file
 * @throws AppError `invalid_argument` with the evidence if the units are not those that were said, or are presumed
 */
export async function assertUnits(path: string, units: InputUnits, saying: string): Promise<void> {
  if (units.modulus && units.length) return;
  const gatherer = createSummaryGatherer();
  let rows = 0;
  for await (const row of uncheckedRows([path])) {
    gatherer.add(row);
    if (++rows === ROWS_MAX) break;
  }
  const doubts = unitDoubts(gatherer.summary()).filter(({ quantity }) =>
    quantity === 'lattice' ? !units.length : !units.modulus,
  );
  const [first] = doubts;
  if (!first) return;
  const presumed = first.quantity === 'lattice' ? 'Angstrom' : 'GPa';
  const remedy = `say which it is: ${saying} ${first.looksLike} to have them converted, ${saying} ${presumed} to take them as they stand`;
  throw new AppError('invalid_argument', `${path}: ${doubts.map(({ message }) => message).join('; ')}; ${remedy}`);
}
