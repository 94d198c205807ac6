/** What a user can name a column of a table for. */
export const COLUMN_ROLES = ['id', 'g', 'k', 'structure'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** Units in which tables give moduli. */
export const MODULUS_UNITS = ['GPa', 'kbar', 'Mbar', 'MPa', 'Pa', 'eV/A^3', 'log10(GPa)'] as const;
export type ModulusUnit = (typeof MODULUS_UNITS)[number];

export const DECIMALS = ['point', 'comma'] as const;

/** What a user says of a table, where it does not say it itself. */
export interface TableOptions {
  /** Titles of columns; those that are not named are found by their usual titles. */
  readonly columns?: Readonly<Partial<Record<ColumnRole, string>>>;
  /** Folder of the structure files that the rows name, in their structure column or by their id. */
  readonly structures?: string;
  /** Unit of both moduli; it goes before what the titles say. */
  readonly unit?: ModulusUnit;
  /** `comma`: numbers are written as 12,5. */
  readonly decimal?: (typeof DECIMALS)[number];
}
