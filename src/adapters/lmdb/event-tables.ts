import { AppError } from '../../model/app-error.ts';
import type { EventRecord } from '../../model/event-record.ts';
import type { Topic } from '../../model/topics.ts';
import type { EventBatch, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import type { Environment } from './environment.ts';
import { decodeEvent, sealEvent } from './event-codec.ts';
import { eventKey, groupKey, lastEventKey, offsetOf, TOPIC_KEYS, topicKey } from './keys.ts';

/** Size limit of a batch, in stored bytes. A single event may exceed it. */
const BATCH_BYTES_MAX = 2 ** 20;

/**
 * Topics, events and committed offsets in the LMDB environment. The `put...` functions must run inside a transaction.
 */
export interface EventTables {
  topics(): readonly Topic[];
  partitionsOf(topic: string): number;
  /** @throws AppError `invalid_argument` if there is no such partition */
  checkPlace(at: TopicPartition): void;
  endOffset(at: TopicPartition): number;
  committedOffset(group: string, at: TopicPartition): number;
  batchFrom(at: TopicPartition, from: number, recordsMax: number, bytesMax?: number): EventBatch;
  putTopics(topics: readonly Topic[]): void;
  /** Returns the offset of the first event. */
  putEvents(at: TopicPartition, encoded: readonly Buffer[]): number;
  putCommitted(group: string, at: StartOffset): void;
}

interface StoredTopic extends Topic {
  readonly number: number;
}

export function createEventTables(environment: Environment): EventTables {
  // Topics are never changed or removed, so this cache stays valid. A reader finds new topics by looking again.
  const seen = new Map<string, StoredTopic>();

  function stored(): readonly StoredTopic[] {
    return [...environment.store.getRange(TOPIC_KEYS)].map(({ value }) => JSON.parse(value.toString()) as StoredTopic);
  }

  function numbered(name: string): StoredTopic {
    const known = seen.get(name);
    if (known) return known;
    for (const topic of stored()) seen.set(topic.name, topic);
    const found = seen.get(name);
    if (!found) throw new AppError('invalid_argument', `there is no topic ${name} in the log; declare it first`);
    return found;
  }

  function endOffset({ topic, partition }: TopicPartition): number {
    const { number } = numbered(topic);
    const backwards = {
      start: lastEventKey(number, partition),
      end: eventKey(number, partition, 0),
      inclusiveEnd: true,
    };
    for (const key of environment.store.getKeys({ ...backwards, reverse: true, limit: 1 })) return offsetOf(key) + 1;
    return 0;
  }

  return {
    endOffset,
    topics: () => stored().map(({ name, partitions }) => ({ name, partitions })),
    partitionsOf: (topic) => numbered(topic).partitions,
    checkPlace({ topic, partition }) {
      const { partitions } = numbered(topic);
      if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return;
      throw new AppError('invalid_argument', `topic ${topic} has partitions 0 to ${partitions - 1}, not ${partition}`);
    },
    committedOffset(group, { topic, partition }) {
      return environment.store.get(groupKey(group, numbered(topic).number, partition))?.readUIntBE(0, 6) ?? 0;
    },
    batchFrom({ topic, partition }, from, recordsMax, bytesMax = BATCH_BYTES_MAX) {
      const { number } = numbered(topic);
      const range = {
        start: eventKey(number, partition, from),
        end: lastEventKey(number, partition),
        limit: recordsMax,
      };
      const records: EventRecord[] = [];
      let bytes = 0;
      for (const { key, value } of environment.store.getRange(range)) {
        bytes += value.length;
        if (records.length > 0 && bytes > bytesMax) break;
        records.push(recordAt({ topic, partition }, key, value, from + records.length));
      }
      const next = from + records.length;
      // A missing event before the end is corruption, not the end of the partition.
      const isCut = records.length < recordsMax && bytes <= bytesMax && next < endOffset({ topic, partition });
      if (isCut) throw corrupt({ topic, partition }, new Error(`offset ${next}: the event is not there`));
      return { topic, partition, records, next };
    },
    putTopics(topics) {
      let number = stored().length;
      for (const { name, partitions } of topics) {
        environment.store.put(topicKey(number), Buffer.from(JSON.stringify({ number, name, partitions })));
        number++;
      }
    },
    putEvents(at, encoded) {
      const { number } = numbered(at.topic);
      // The offset is looked up, which takes 10 us. A remembered offset would be wrong after a failed transaction.
      const first = endOffset(at);
      for (const [i, bytes] of encoded.entries()) {
        const key = eventKey(number, at.partition, first + i);
        sealEvent(bytes, key);
        environment.store.put(key, bytes);
      }
      return first;
    },
    putCommitted(group, { topic, partition, offset }) {
      const value = Buffer.alloc(6);
      value.writeUIntBE(offset, 0, 6);
      environment.store.put(groupKey(group, numbered(topic).number, partition), value);
    },
  };
}

/** @param expected the next offset; the offsets of a partition have no gaps in this log */
function recordAt(at: TopicPartition, key: Uint8Array, value: Buffer, expected: number): EventRecord {
  const offset = offsetOf(key);
  try {
    if (offset !== expected) throw new Error(`offset ${expected}: the event is not there, but one of offset ${offset}`);
    return decodeEvent(value, key, offset);
  } catch (error) {
    throw corrupt(at, error);
  }
}

function corrupt({ topic, partition }: TopicPartition, error: unknown): AppError {
  const what = error instanceof Error ? error.message : String(error);
  const remedy = 'the disk has changed it, and it is not used: restore the directory from a copy, or run anew';
  return new AppError('storage_corrupt', `${topic} partition ${partition} ${what}: ${remedy}`, { cause: error });
}
