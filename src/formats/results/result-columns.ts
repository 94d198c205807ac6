import { type ModulusUnit, toGigapascal } from '../../model/input-units.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { TableOptions } from '../../model/table-options.ts';
import type { Target, TargetDefinition } from '../../model/target.ts';
import { quote } from '../located-rejection.ts';
import { columnTitle } from '../tables/modulus-unit.ts';
import { createColumnFinder, type ModulusColumn } from '../tables/table-columns.ts';

/** The titles of a table to fill in, beside those of the targets. */
export const RESULT_TITLES = {
  id: 'material_id',
  failed: 'failed',
  notes: 'notes',
  file: 'file',
  attempt: 'attempt',
  calculation: 'calculation',
} as const;

const { id: ID, failed: FAILED } = RESULT_TITLES;

/** The columns of a table to fill in; what is to be filled in comes first. */
export function resultColumns(targets: readonly TargetDefinition[]): string[] {
  const { id, failed, notes, file, attempt, calculation } = RESULT_TITLES;
  return [id, ...targets.map(columnOf), failed, notes, file, attempt, calculation];
}

function columnOf({ name, unit }: TargetDefinition): string {
  return unit === '' ? name : `${name} (${unit})`;
}

/** The roles in which other tables hold the moduli. */
const ROLES: Readonly<Record<Target, 'g' | 'k' | undefined>> = { g_vrh: 'g', k_vrh: 'k' };

/** Where a table of results holds what. */
export interface ResultHeader {
  readonly width: number;
  readonly at: ReadonlyMap<string, number>;
  readonly targets: readonly ResultColumn[];
  /** Moduli whose unit nobody may have said. */
  readonly moduli: { readonly g?: ModulusColumn; readonly k?: ModulusColumn };
  readonly isDecimalComma: boolean;
  readonly note?: string;
}

interface ResultColumn {
  readonly target: Target;
  readonly unit: string;
  readonly at: number;
  /** Undefined where the numbers stand in the unit. */
  readonly convert?: (value: number) => number;
}

/**
 * Finds the columns: those of a table to fill in by their own titles, ids and moduli of other tables by their usual ones.
 * @throws RejectedInput `missing_field`, `bad_syntax`, `out_of_range`
 */
export function resultHeader(
  names: readonly string[],
  targets: readonly TargetDefinition[],
  table: TableOptions,
): ResultHeader {
  const at = columnPlaces(names);
  const finder = createColumnFinder(names, table);
  const id = table.columns?.id === undefined && at.has(ID) ? undefined : finder.columnOf('id');
  if (id) at.set(ID, id.index);
  const moduli: { g?: ModulusColumn; k?: ModulusColumn } = {};
  const notes = id ? [`id=${id.title}`] : [];
  const found = targets.flatMap((definition): ResultColumn[] => {
    const role = ROLES[definition.name];
    const own = role && table.columns?.[role] !== undefined ? undefined : ownColumn(names, definition, role);
    const isSaid = own !== undefined && (!role || columnTitle(names[own.at]!).unit !== undefined);
    if (isSaid && table.unit === undefined) return [own];
    const column = role && (own ? named(names[own.at]!, own.at, table.unit) : finder.modulusOf(role));
    if (!role || !column) return own ? [own] : [];
    moduli[role] = column;
    if (!own || table.unit) notes.push(`${role}=${column.title} [${column.unit}]`);
    const convert = (value: number) => toGigapascal(value, column.unit);
    return [{ target: definition.name, unit: definition.unit, at: column.index, convert }];
  });
  const there = `there are ${names.map((name) => quote(name)).join(', ')}`.slice(0, 500);
  if (!at.has(ID)) {
    throw new RejectedInput('missing_field', `there is no column ${ID}: ${there}; --columns id=TITLE names it`);
  }
  if (found.length === 0 && !at.has(FAILED)) {
    const wanted = [...targets.map(columnOf), FAILED].join(', ');
    throw new RejectedInput('missing_field', `there is none of the columns ${wanted}: ${there}`);
  }
  const note = notes.length > 0 ? { note: `columns ${notes.join(', ')}` } : {};
  return { width: names.length, at, targets: found, moduli, isDecimalComma: table.decimal === 'comma', ...note };
}

function named(title: string, index: number, unit: ModulusUnit | undefined): ModulusColumn {
  return { title, index, unit: unit ?? 'GPa', isUnitSaid: unit !== undefined };
}

function columnPlaces(names: readonly string[]): Map<string, number> {
  const at = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    const key = name.toLowerCase();
    if (key !== '' && at.has(key))
      throw new RejectedInput('bad_syntax', `column ${quote(name)} is given twice: keep one`);
    at.set(key, i);
  }
  return at;
}

/** The column of a table to fill in. */
function ownColumn(
  names: readonly string[],
  definition: TargetDefinition,
  role: 'g' | 'k' | undefined,
): ResultColumn | undefined {
  const [one, other] = names.flatMap((name, i) => {
    const [, target, unit] = /^(\S+?)\s*(?:[([](.*)[)\]])?$/.exec(name) ?? [];
    return target?.toLowerCase() === definition.name ? [{ name, unit: unit?.trim(), at: i }] : [];
  });
  if (other) throw new RejectedInput('bad_syntax', `columns ${quote(one!.name)} and ${quote(other.name)}: keep one`);
  if (one === undefined) return undefined;
  const { unit = definition.unit, at } = one;
  if (unit === definition.unit) return { target: definition.name, unit, at };
  if (role && columnTitle(one.name).unit !== undefined) return undefined;
  const remedy = `give values in ${definition.unit || 'no unit'}, and name the column ${columnOf(definition)}`;
  throw new RejectedInput('out_of_range', `column ${quote(one.name)}: ${remedy}`);
}
