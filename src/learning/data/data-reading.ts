import type { CatalogueTopic, EventPlace } from './material-catalogue.ts';

/** Which of the data that a catalogue holds count. */
export interface DataReading {
  /** Whether those count that came after their source had ended. */
  readonly late: boolean;
  /** Up to which offset, per partition of each topic; all where absent. */
  readonly before?: Readonly<Partial<Record<CatalogueTopic, readonly number[]>>>;
}

/** What came before its source had ended. */
export const ON_TIME: DataReading = { late: false };

export function counts(
  { late, before }: DataReading,
  topic: CatalogueTopic,
  data: EventPlace & { readonly late?: true },
): boolean {
  return (late || data.late === undefined) && data.offset < (before?.[topic]?.[data.partition] ?? Infinity);
}
