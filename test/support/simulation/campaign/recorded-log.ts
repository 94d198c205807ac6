import type { EventRecord } from '../../../../src/model/event-record.ts';
import { decodeRecords, type Received } from '../../../../src/runtime/decode-records.ts';
import type { LogContent } from '../checked-guarantees.ts';

/** The prefix of the ids of records that cannot be decoded. */
export const JUNK = 'junk ';

/**
 * The log without junk and its rejections (their ids depend on their places in the log), and without the events for
 * which `isOther` holds.
 */
export function withoutJunk(content: LogContent, isOther: (event: Received['event']) => boolean): LogContent {
  const isJunk = (record: EventRecord) => {
    if (record.id.startsWith(JUNK)) return true;
    const [received] = decodeRecords({ topic: '', partition: 0, records: [record], next: 0 }).received;
    if (received === undefined) return false;
    const { event } = received;
    return isOther(event) || (event.type === 'InputRejected' && event.rejection.code === 'bad_message');
  };
  return new Map(
    [...content].map(([topic, partitions]) => [topic, partitions.map((records) => records.filter((r) => !isJunk(r)))]),
  );
}

/** All events of these topics that can be decoded, topic by topic. */
export function receivedOf(content: LogContent, topics: readonly string[]): Received[] {
  return topics.flatMap((topic) =>
    (content.get(topic) ?? []).flatMap((records, partition) => {
      const next = (records.at(-1)?.offset ?? -1) + 1;
      return decodeRecords({ topic, partition, records, next }).received;
    }),
  );
}

/**
 * An event without the parts that may differ between runs: times, training seconds, the engine's name, the place of a
 * snapshot's content, and which of several writers wrote it.
 */
export function comparable(topic: string, record: EventRecord): string {
  const [received] = decodeRecords({ topic, partition: 0, records: [record], next: record.offset + 1 }).received;
  if (received === undefined) return Buffer.from(record.value).toString('base64');
  const { event } = received;
  if (event.type === 'MemberTrained') return text({ ...event, seconds: 0, engine: '' });
  if (event.type === 'RoundOpened') return text({ ...anonymous(event), snapshot: { ...event.snapshot, offsets: {} } });
  if (event.type === 'EpochClaimed') return event.type;
  if ('sequence' in event) return text(anonymous(event));
  return `${record.id} ${Buffer.from(record.value).toString('base64')}`;
}

/** A value as text, independent of the order of its keys; it keeps numbers apart that JSON cannot represent. */
export function text(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (ArrayBuffer.isView(inner)) return Array.from(inner as Float64Array, String);
    if (typeof inner === 'number' && !Number.isFinite(inner)) return String(inner);
    const isTable = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return isTable ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}

function anonymous<T extends object>(event: T): T {
  return { ...event, epoch: 0, writer: '' };
}
