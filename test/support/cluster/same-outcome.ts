import type { EventRecord } from '../../../src/model/event-record.ts';
import { fromRecord } from '../../../src/protocol/event-message.ts';
import { differingEvents, type LogContent } from '../simulation/checked-guarantees.ts';

/**
 * What two runs of one campaign differ in: every event of every topic is compared, features, models, scores and
 * selections bit by bit. Left apart is what says who wrote, when and how often somebody took over, where things lie,
 * and what the tables hold by then.
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

/** JSON knows neither NaN nor -0. */
function bits(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
