import { AppError } from '../../model/app-error.ts';
import { eventBytes } from '../../model/event-record.ts';
import type { Topic } from '../../model/topics.ts';
import type { EventLog, EventLogReader } from '../../ports/event-log.ts';
import { createConsumerGroups } from './consumer-groups.ts';
import { type Environment, openEnvironment } from './environment.ts';
import { encodeEvent } from './event-codec.ts';
import { createEventTables, type EventTables } from './event-tables.ts';

const KIND = 'event log';
const FORMAT_VERSION = 1;

export interface EventLogOptions {
  readonly directory: string;
}

/** Opens or creates the log and becomes its only writer. */
export function openEventLog({ directory }: EventLogOptions): EventLog {
  const environment = openEnvironment({ directory, kind: KIND, formatVersion: FORMAT_VERSION });
  const tables = createEventTables(environment);
  const groups = createConsumerGroups({
    ...tables,
    commit: (group, at) => environment.write(() => tables.putCommitted(group, at)),
  });
  return {
    ...createReader(environment, tables),
    async declare(topics) {
      const mismatch = await environment.write(() => declare(tables, topics));
      if (mismatch) throw mismatch;
    },
    async append(at, events) {
      tables.checkPlace(at);
      for (const event of events) eventBytes(event);
      // Events are encoded first, because the caller may reuse its buffers before the transaction runs.
      const encoded = events.map(encodeEvent);
      if (encoded.length === 0) return [];
      const first = await environment.write(() => tables.putEvents(at, encoded));
      groups.wake(at);
      return encoded.map((_, i) => first + i);
    },
    async join(member) {
      if (!/^[a-zA-Z0-9._-]{1,200}$/.test(member.group)) {
        throw new AppError('invalid_argument', `"${member.group}" cannot name a group; use letters, digits, . _ and -`);
      }
      for (const topic of member.topics) tables.partitionsOf(topic);
      return groups.join(member);
    },
    async follow(follower) {
      for (const at of follower.from) tables.checkPlace(at);
      return groups.follow(follower);
    },
    async close() {
      groups.abandon();
      await environment.close();
    },
  };
}

/** A reader of a log on this machine's disk. Another process may write the log at the same time. */
export interface LocalLogReader extends EventLogReader {
  /** The process that writes the log now; undefined if there is none. */
  writer(): { readonly pid: number } | undefined;
}

/** Opens a log for reading, also while another process writes it. */
export function openEventLogReader({ directory }: EventLogOptions): LocalLogReader {
  const environment = openEnvironment({ directory, kind: KIND, formatVersion: FORMAT_VERSION, readOnly: true });
  return { ...createReader(environment, createEventTables(environment)), writer: () => environment.writer() };
}

const BATCH_RECORDS_MAX = 500;

function createReader(environment: Environment, tables: EventTables): EventLogReader {
  return {
    async topics() {
      environment.refresh();
      return tables.topics();
    },
    async endOffsets(topic) {
      environment.refresh();
      return perPartition(tables.partitionsOf(topic), (partition) => tables.endOffset({ topic, partition }));
    },
    async committedOffsets(group, topic) {
      environment.refresh();
      return perPartition(tables.partitionsOf(topic), (partition) =>
        tables.committedOffset(group, { topic, partition }),
      );
    },
    async *read(ranges) {
      for (const range of ranges) {
        tables.checkPlace(range);
        let from = range.from;
        while (from < range.to) {
          environment.refresh();
          const batch = tables.batchFrom(range, from, Math.min(BATCH_RECORDS_MAX, range.to - from));
          if (batch.records.length === 0) break;
          from = batch.next;
          yield batch;
        }
      }
    },
    close: () => environment.close(),
  };
}

function perPartition(partitions: number, offset: (partition: number) => number): readonly number[] {
  return [...Array(partitions).keys()].map(offset);
}

/**
 * Declares the topics. If a topic has another number of partitions, it changes nothing and returns the error; a thrown
 * error would count as a failed transaction.
 */
function declare(tables: EventTables, topics: readonly Topic[]): AppError | undefined {
  const existing = new Map(tables.topics().map((topic) => [topic.name, topic.partitions]));
  for (const { name, partitions } of topics) {
    const found = existing.get(name) ?? partitions;
    if (found === partitions) continue;
    return new AppError(
      'storage_incompatible',
      `topic ${name} has ${found} partitions, not ${partitions}: partitions are fixed for life; set ${found}, or use another directory`,
    );
  }
  tables.putTopics(topics.filter(({ name }) => !existing.has(name)));
  return undefined;
}
