import type { EventRecord } from '../../../src/model/event-record.ts';
import { fromRecord } from '../../../src/protocol/event-message.ts';
import { differingEvents, type LogContent } from '../simulation/checked-guarantees.ts';

/**
 * The differences between two runs of one campaign. It compares every event of every topic: features, models, scores
 * and selections bit by bit. It ignores writers, times, takeovers, places, and the content of the tables.
 */
export function outcomeDifferences(found: LogContent, expected: LogContent): string[] {
  return differingEvents(outcomes(found), outcomes(expected), comparableOutcome);
}

const INCIDENTAL = new Set(['epoch', 'writer', 'sequence', 'seconds', 'offsets']);

function outcomes(content: LogContent): LogContent {
  const counts = ({ type }: EventRecord) => !/[.](EpochClaimed|PredictionsStored)$/.test(type);
  return new Map([...content].map(([topic, partitions]) => [topic, partitions.map((events) => events.filter(counts))]));
}

export function comparableOutcome(_: string, record: EventRecord): string {
  return JSON.stringify({ key: Buffer.from(record.key).toString(), ...fromRecord(record) }, (name, value) => {
    if (INCIDENTAL.has(name)) return undefined;
    return value instanceof Float64Array ? [...value].map(bits) : value;
  });
}

/** Keeps -0 and NaN apart from other values, which JSON does not. */
function bits(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
