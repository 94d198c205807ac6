import type { CatalogueTopic, EventPlace } from './material-catalogue.ts';

/** Selects the data of a catalogue that count. */
export interface DataReading {
  /** Whether data count that arrived after their source had ended. */
  readonly late: boolean;
  /** The offsets, per partition of each topic, up to which data count; all if absent. */
  readonly before?: Readonly<Partial<Record<CatalogueTopic, readonly number[]>>>;
}

/** Only data that arrived before their source had ended count. */
export const ON_TIME: DataReading = { late: false };

export function counts(
  { late, before }: DataReading,
  topic: CatalogueTopic,
  data: EventPlace & { readonly late?: true },
): boolean {
  return (late || data.late === undefined) && data.offset < (before?.[topic]?.[data.partition] ?? Infinity);
}
