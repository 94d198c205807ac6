import { AppError } from '../../../src/model/app-error.ts';
import { type EventRecord, type NewEvent, recordsWithin } from '../../../src/model/event-record.ts';
import type { Topic } from '../../../src/model/topics.ts';
import type { EventBatch, StartOffset, TopicPartition } from '../../../src/ports/event-log.ts';

/** The content of the disks: it survives every node. */
export interface StoredLog {
  topics(): readonly Topic[];
  /** @throws AppError `storage_incompatible`; then nothing is changed */
  declare(topics: readonly Topic[]): void;
  /** @throws AppError `invalid_argument` if there is no such topic */
  partitionsOf(topic: string): number;
  /** @throws AppError `invalid_argument` if there is no such partition */
  checkPlace(at: TopicPartition): void;
  endOffset(at: TopicPartition): number;
  endOffsets(topic: string): number[];
  committedOffset(group: string, at: TopicPartition): number;
  committedOffsets(group: string, topic: string): number[];
  commit(group: string, at: StartOffset): void;
  /** Appends events and skips this many offsets before and after. From then on the log owns the events. */
  store(at: TopicPartition, events: readonly NewEvent[], gaps: readonly [before: number, after: number]): number[];
  batchFrom(at: TopicPartition, from: number, recordsMax: number, bytesMax?: number): EventBatch;
  /** All events of a topic, by partition. */
  records(topic: string): readonly (readonly EventRecord[])[];
}

interface Partition {
  readonly records: EventRecord[];
  end: number;
}

const BATCH_BYTES_MAX = 2 ** 20;

export function createStoredLog(): StoredLog {
  const topics = new Map<string, readonly Partition[]>();
  const committed = new Map<string, number>();

  function partitionsOf(topic: string): readonly Partition[] {
    const found = topics.get(topic);
    if (!found) throw new AppError('invalid_argument', `there is no topic ${topic} in the log; declare it first`);
    return found;
  }
  function place({ topic, partition }: TopicPartition): Partition {
    const partitions = partitionsOf(topic);
    const found = partitions[partition];
    if (found) return found;
    const range = `partitions 0 to ${partitions.length - 1}`;
    throw new AppError('invalid_argument', `topic ${topic} has ${range}, not ${partition}`);
  }
  const committedKey = (group: string, { topic, partition }: TopicPartition) => `${group} ${topic} ${partition}`;
  const committedOffset = (group: string, at: TopicPartition) => committed.get(committedKey(group, at)) ?? 0;

  return {
    topics: () => [...topics].map(([name, { length }]) => ({ name, partitions: length })),
    declare(wanted) {
      for (const { name, partitions } of wanted) {
        const found = topics.get(name)?.length ?? partitions;
        if (found === partitions) continue;
        throw new AppError('storage_incompatible', `topic ${name} has ${found} partitions, not ${partitions}`);
      }
      for (const { name, partitions } of wanted) {
        if (!topics.has(name))
          topics.set(
            name,
            Array.from({ length: partitions }, () => ({ records: [], end: 0 })),
          );
      }
    },
    partitionsOf: (topic) => partitionsOf(topic).length,
    checkPlace: (at) => void place(at),
    endOffset: (at) => place(at).end,
    endOffsets: (topic) => partitionsOf(topic).map(({ end }) => end),
    committedOffset,
    committedOffsets: (group, topic) =>
      partitionsOf(topic).map((_, partition) => committedOffset(group, { topic, partition })),
    commit: (group, at) => void committed.set(committedKey(group, at), at.offset),
    store(at, events, [before, after]) {
      const partition = place(at);
      const first = partition.end + before;
      partition.records.push(...events.map((event, i) => ({ ...event, offset: first + i })));
      partition.end = first + events.length + after;
      return events.map((_, i) => first + i);
    },
    batchFrom(at, from, recordsMax, bytesMax = BATCH_BYTES_MAX) {
      const { records: all, end } = place(at);
      const start = firstFrom(all, from);
      // Copy, because a handler may write into the bytes that it gets.
      const records = recordsWithin(all, start, { recordsMax, bytesMax }).map(copiedEvent);
      const next = all[start + records.length]?.offset ?? end;
      return { topic: at.topic, partition: at.partition, records, next };
    },
    records: (topic) => partitionsOf(topic).map(({ records }) => records),
  };
}

/** A copy with its own bytes. */
export function copiedEvent<T extends NewEvent>(event: T): T {
  return { ...event, key: Uint8Array.from(event.key), value: Uint8Array.from(event.value) };
}

/** The index of the first record at or after that offset. */
function firstFrom(records: readonly EventRecord[], offset: number): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
