import type { ModulusUnit } from '../../model/input-units.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { COLUMN_ROLES, type ColumnRole, type TableOptions } from '../../model/table-options.ts';
import { quote } from '../located-rejection.ts';
import { columnTitle } from './modulus-unit.ts';

/** The fields of a row that further columns fill. */
export const FURTHER_FIELDS = [
  'elastic_tensor',
  'space_group',
  'formation_energy_per_atom',
  'band_gap',
  'energy_above_hull',
  'code',
  'functional',
] as const;
export type FurtherField = (typeof FURTHER_FIELDS)[number];

export interface TableColumn {
  readonly title: string;
  readonly index: number;
}

export interface ModulusColumn extends TableColumn {
  readonly unit: ModulusUnit;
  /** Whether title or user have said the unit. */
  readonly isUnitSaid: boolean;
}

/** Where a table holds what. */
export interface TableColumns {
  readonly id?: TableColumn;
  readonly g?: ModulusColumn;
  readonly k?: ModulusColumn;
  readonly structure?: TableColumn;
  readonly further: Readonly<Partial<Record<FurtherField, TableColumn>>>;
  readonly width: number;
  readonly isDecimalComma: boolean;
}

/** Usual titles in lower-case letters and digits, the most telling first. */
const USUAL: Readonly<Record<ColumnRole, readonly string[]>> = {
  id: [
    ...['materialid', 'mpid', 'mpids', 'materialsid', 'taskid', 'jid', 'icsdid', 'id', 'identifier', 'entryid'],
    ...['uniqueid', 'uid', 'structureid', 'compoundid', 'sampleid', 'material', 'compound', 'sample', 'entry', 'name'],
  ],
  g: [
    ...['gvrh', 'shearmodulusvrh', 'gvrhmodulus', 'vrhshearmodulus', 'shearmodulusgvrh', 'shearmodulushill'],
    ...['ghill', 'gh', 'shearmodulus', 'shearmodulusg', 'gmodulus', 'shearmod', 'shear', 'g'],
  ],
  k: [
    ...['kvrh', 'bulkmodulusvrh', 'bvrh', 'vrhbulkmodulus', 'bulkmoduluskvrh', 'bulkmodulushill', 'khill', 'bhill'],
    ...['kh', 'bulkmodulus', 'bulkmodulusk', 'bulkmodulusb', 'kmodulus', 'bulkmod', 'bulk', 'k', 'b'],
  ],
  structure: [
    ...[
      'structure',
      'structuredict',
      'structurejson',
      'finalstructure',
      'relaxedstructure',
      'pymatgenstructure',
      'cif',
    ],
    ...[
      'cifstring',
      'structurecif',
      'poscar',
      'contcar',
      'structurefile',
      'ciffile',
      'cifname',
      'cifpath',
      'poscarfile',
    ],
    ...['filename', 'file', 'structurepath', 'path', 'atoms', 'initialstructure'],
  ],
};
const FURTHER: Readonly<Record<FurtherField, readonly string[]>> = {
  // The original tensor comes before the one in IEEE axes, which is rounded.
  elastic_tensor: ['elastictensororiginal', 'elastictensorraw', 'elastictensor'],
  space_group: ['spacegroup', 'spacegroupnumber'],
  formation_energy_per_atom: ['formationenergyperatom'],
  band_gap: ['bandgap'],
  energy_above_hull: ['energyabovehull'],
  code: ['code'],
  functional: ['functional'],
};
/** A DataFrame's index that was written without a title. */
const UNTITLED = /^(?:unnamed0|index|mbid)?$/;

/** Beyond this, the text is no table of materials and must not be searched column by column. */
const COLUMNS_MAX = 4_096;
const TITLES_SHOWN_MAX = 12;

/**
 * Finds the columns of a table: those that the user names, and the others by their usual titles.
 * @throws RejectedInput `missing_field`, `too_large`
 */
export function findColumns(header: readonly string[], options: TableOptions = {}): TableColumns {
  if (header.length > COLUMNS_MAX) {
    const remedy = `at most ${COLUMNS_MAX} are read; write a row per material`;
    throw new RejectedInput('too_large', `the table has ${header.length} columns; ${remedy}`);
  }
  const { titles, usual, columnOf, modulusOf } = createColumnFinder(header, options);
  const [id, g, k, structure] = [idOf(columnOf, titles, header), modulusOf('g'), modulusOf('k'), columnOf('structure')];
  const further = FURTHER_FIELDS.flatMap((field) => {
    const column = usual(FURTHER[field]);
    return column ? [[field, column] as const] : [];
  });
  assertDistinct({ id, g, k, structure });
  return {
    ...(id && { id }),
    ...(g && { g }),
    ...(k && { k }),
    ...(structure && { structure }),
    further: Object.fromEntries(further),
    width: header.length,
    isDecimalComma: options.decimal === 'comma',
  };
}

/** Finds columns by what they are for. */
export interface ColumnFinder {
  readonly titles: readonly { readonly key: string; readonly unit: ModulusUnit | undefined }[];
  usual(keys: readonly string[]): TableColumn | undefined;
  /** The column that the user names, or has a usual title. @throws RejectedInput `missing_field`, `bad_syntax` */
  columnOf(role: ColumnRole): TableColumn | undefined;
  modulusOf(role: 'g' | 'k'): ModulusColumn | undefined;
}

export function createColumnFinder(header: readonly string[], options: TableOptions = {}): ColumnFinder {
  const titles = header.map((title) => {
    const { name, unit } = columnTitle(title);
    return { key: keyOf(name), unit };
  });
  const usual = (keys: readonly string[]) => {
    for (const key of keys) {
      const at = titles.findIndex((title) => title.key === key);
      if (at >= 0) return { title: header[at]!, index: at };
    }
    return undefined;
  };
  const columnOf = (role: ColumnRole) => {
    const named = options.columns?.[role];
    const found = named === undefined ? usual(USUAL[role]) : namedColumn(header, named, role);
    if (found !== undefined) assertOnlyOne(header, found, role);
    return found;
  };
  const modulusOf = (role: 'g' | 'k') => {
    const column = columnOf(role);
    if (column === undefined) return undefined;
    const unit = options.unit ?? titles[column.index]!.unit;
    return { ...column, unit: unit ?? 'GPa', isUnitSaid: unit !== undefined };
  };
  return { titles, usual, columnOf, modulusOf };
}

/** The column of ids; of a table without one, its untitled first column or its formulas. */
function idOf(
  columnOf: (role: ColumnRole) => TableColumn | undefined,
  titles: readonly { readonly key: string }[],
  header: readonly string[],
): TableColumn | undefined {
  const found = columnOf('id');
  if (found !== undefined) return found;
  if (titles[0] !== undefined && UNTITLED.test(titles[0].key)) return { title: header[0]!, index: 0 };
  const formula = titles.findIndex(({ key }) =>
    /^(?:formula|prettyformula|formulapretty|composition|compound)$/.test(key),
  );
  return formula < 0 ? undefined : { title: header[formula]!, index: formula };
}

function namedColumn(header: readonly string[], wanted: string, role: ColumnRole): TableColumn {
  const trimmed = header.map((title) => title.trim());
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const exact = trimmed.indexOf(wanted.trim());
  const index = exact >= 0 ? exact : trimmed.findIndex((title) => same(title, wanted.trim()));
  if (index >= 0) return { title: header[index]!, index };
  const shown = trimmed.slice(0, TITLES_SHOWN_MAX).map(quote).join(', ');
  const more = trimmed.length > TITLES_SHOWN_MAX ? ` and ${trimmed.length - TITLES_SHOWN_MAX} more` : '';
  throw new RejectedInput(
    'missing_field',
    `there is no column ${quote(wanted)} for ${role}; there are ${shown}${more}`,
  );
}

function assertOnlyOne(header: readonly string[], { title }: TableColumn, role: ColumnRole): void {
  const same = header.filter((other) => other.trim() === title.trim()).length;
  if (same < 2) return;
  throw new RejectedInput(
    'bad_syntax',
    `${same} columns are titled ${quote(title)}, which is ${role}; rename all but one`,
  );
}

function assertDistinct(roles: Readonly<Partial<Record<ColumnRole, TableColumn | undefined>>>): void {
  const taken = new Map<number, string>();
  for (const [role, column] of Object.entries(roles)) {
    if (column === undefined) continue;
    const other = taken.get(column.index);
    // Rows may be named after their structure files.
    if (other !== undefined && !(other === 'id' && role === 'structure')) {
      throw new RejectedInput(
        'bad_syntax',
        `column ${quote(column.title)} is both ${other} and ${role}; name one for each`,
      );
    }
    taken.set(column.index, role);
  }
}

/** Letters and digits of a title, as titles are compared. */
function keyOf(title: string): string {
  return title
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** `id=material_id, g=G_VRH [GPa], k=K_VRH [GPa], structure=cif`: what is said of a table before it is read. */
export function describeColumns({ id, g, k, structure, further }: TableColumns): string {
  const roles = { id, g, k, structure };
  const found = COLUMN_ROLES.flatMap((role) => {
    const column = roles[role];
    if (column === undefined) return [];
    return `${role}=${column.title.trim() || '(untitled)'}${'unit' in column ? ` [${column.unit}]` : ''}`;
  });
  const others = Object.entries(further).map(([field, { title }]) => (field === title ? field : `${field}=${title}`));
  return [...found, ...others].join(', ');
}
