import { type Command, InvalidArgumentError, Option } from 'commander';
import { COLUMN_ROLES, type ColumnRole, DECIMALS, MODULUS_UNITS, type TableOptions } from '../model/table-options.ts';

export const TABLE_HELP = `
Tables are CSV (also with ; or tabs) and Parquet. Their columns are found by usual titles, as in material_id, G_VRH,
log10(K_VRH), shear modulus [kbar], structure, cif, and told. Structures stand in a column (pymatgen's JSON, CIF or
POSCAR text), or in the files of --structures that the rows name by their id or in a column.`;

/** What a command line says of tables. */
export interface TableFlags {
  readonly columns?: TableOptions['columns'];
  readonly structures?: string;
  readonly unit?: TableOptions['unit'];
  readonly decimal?: TableOptions['decimal'];
}

/** Adds the options that say what a table does not say itself. */
export function withTableOptions(command: Command): Command {
  return command
    .option(
      '--columns <titles>',
      'of a table: id=TITLE,g=TITLE,k=TITLE,structure=TITLE, each where it is needed',
      parseColumns,
    )
    .option('--structures <folder>', 'of a table: folder of the structure files that its rows name')
    .addOption(new Option('--unit <unit>', 'of a table: unit of its moduli').choices(MODULUS_UNITS))
    .addOption(new Option('--decimal <sign>', 'of a table: what stands before decimals').choices(DECIMALS));
}

export function tableOptions({ columns, structures, unit, decimal }: TableFlags): TableOptions {
  return {
    ...(columns && { columns }),
    ...(structures !== undefined && { structures }),
    ...(unit && { unit }),
    ...(decimal && { decimal }),
  };
}

/** Titles may hold commas: a new pair begins only where a role does. */
function parseColumns(text: string, before: TableOptions['columns'] = {}): TableOptions['columns'] {
  const columns: Partial<Record<ColumnRole, string>> = { ...before };
  for (const pair of text.split(new RegExp(`,(?=(?:${COLUMN_ROLES.join('|')})=)`))) {
    const at = pair.indexOf('=');
    const role = COLUMN_ROLES.find((known) => known === pair.slice(0, at).trim());
    const title = pair.slice(at + 1).trim();
    if (at < 0 || role === undefined || title === '') {
      throw new InvalidArgumentError(
        `Give ROLE=TITLE, the role one of ${COLUMN_ROLES.join(', ')}, not ${JSON.stringify(pair)}.`,
      );
    }
    columns[role] = title;
  }
  return columns;
}
