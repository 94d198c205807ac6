/** A value of a table. An unknown value is null or NaN. */
export type Cell = string | number | null;

/** A named column of a table. */
export interface RecordColumn {
  readonly name: string;
  /** `whole`: integers up to 2^31 - 1. */
  readonly type: 'text' | 'number' | 'whole';
}
