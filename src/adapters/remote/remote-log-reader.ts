import { AppError } from '../../model/app-error.ts';
import { type EventRecord, recordsWithin } from '../../model/event-record.ts';
import type { Consumer, EventBatch, EventLog, EventLogReader, Follower } from '../../ports/event-log.ts';
import { eventDamage } from '../../protocol/event-checksum.ts';
import type {
  EventBatch as EventBatchMessage,
  Gateway,
  ReadEventsRequest,
} from '../../protocol/generated/elastream/v1/services.generated.ts';

type LogCalls = Pick<Gateway, 'ListTopics' | 'GetOffsets' | 'ReadEvents'>;
type Ranges = ReadEventsRequest['ranges'];
/** Retries an action whose error is retryable, as often as the caller's policy allows. */
type Retrying = <T>(action: () => Promise<T>) => Promise<T>;

const BATCH_RECORDS_MAX = 500;

/**
 * Creates a reader of a cluster's log through its gateway. A follower handles one batch at a time. If `retrying`
 * retries, reading and following continue where a lost gateway left off; otherwise they end with its error.
 */
export function createRemoteLogReader(
  gateway: LogCalls,
  retrying: Retrying = (action) => action(),
): EventLogReader & Pick<EventLog, 'follow'> {
  const consumers = new Set<Consumer>();
  const offsets = async (request: Parameters<LogCalls['GetOffsets']>[0]) =>
    (await retrying(() => gateway.GetOffsets(request))).offsets;
  return {
    topics: async () => (await retrying(() => gateway.ListTopics({}))).topics,
    endOffsets: (topic) => offsets({ topic }),
    committedOffsets: (group, topic) => offsets({ topic, group }),
    async *read(ranges) {
      const messages = readOn(gateway, [...ranges], retrying);
      try {
        for (let next = await messages.next(); next; next = await messages.next()) yield batchOf(next);
      } finally {
        messages.stop();
      }
    },
    async follow(follower) {
      const consumer = startFollowing(gateway, follower, retrying);
      consumers.add(consumer);
      return consumer;
    },
    async close() {
      for (const consumer of consumers) void consumer.stop();
    },
  };
}

/** Messages of the gateway. If a stream breaks off, the next one continues it. */
interface Messages {
  /** Undefined after the last message or after `stop`. */
  next(): Promise<EventBatchMessage | undefined>;
  stop(): void;
}

function readOn(gateway: LogCalls, ranges: Ranges, retrying: Retrying): Messages {
  let left = ranges;
  let stream: AsyncIterator<EventBatchMessage> | undefined;
  let stopped = false;

  async function next(): Promise<EventBatchMessage | undefined> {
    if (stopped || left.length === 0) return undefined;
    stream ??= gateway.ReadEvents({ ranges: left })[Symbol.asyncIterator]();
    try {
      const { done, value } = await stream.next();
      if (!done) {
        left = after(left, value);
        return value;
      }
      if (stopped || left.every(({ to }) => to !== undefined)) return undefined;
      throw new AppError('unavailable', 'the gateway ended the stream of events; ask again', { retryable: true });
    } catch (error) {
      stream = undefined;
      // A stream that was stopped may fail.
      if (stopped) return undefined;
      throw error;
    }
  }

  return {
    next: () => retrying(next),
    stop() {
      stopped = true;
      // Not awaited: the return may complete only when the connection ends.
      stream?.return?.().catch(() => {});
    },
  };
}

/** Returns the ranges that remain after a message. */
function after(ranges: Ranges, { topic, partition, next }: EventBatchMessage): Ranges {
  return ranges
    .map((range) => (range.topic === topic && range.partition === partition ? { ...range, from: next } : range))
    .filter(({ from, to }) => to === undefined || from < to);
}

function startFollowing(gateway: LogCalls, follower: Follower, retrying: Retrying): Consumer {
  const ranges = follower.from.map(({ topic, partition, offset: from }) => ({ topic, partition, from }));
  const messages = readOn(gateway, ranges, retrying);
  let stopping = false;

  async function handleAll(): Promise<void> {
    for (let next = await messages.next(); next; next = await messages.next()) {
      for (const batch of partsOf(batchOf(next), follower)) {
        if (stopping) return;
        await follower.onBatch(batch);
      }
    }
  }

  const ended = handleAll().finally(() => messages.stop());
  ended.catch(() => {});
  return {
    ended,
    async stop() {
      stopping = true;
      messages.stop();
      await ended.catch(() => {});
    },
  };
}

/** @throws AppError `storage_corrupt` if an event differs from what the gateway read */
function batchOf({ topic, partition, events, next }: EventBatchMessage): EventBatch {
  const records = events.map(({ checksum, traceparent, ...event }): EventRecord => {
    const record = traceparent === undefined ? event : { ...event, traceparent };
    const damage = eventDamage(record, checksum);
    if (damage === undefined) return record;
    const place = `${topic} partition ${partition} offset ${event.offset}`;
    throw new AppError('storage_corrupt', `${place}: the event was changed on its way from the gateway, ${damage}`);
  });
  return { topic, partition, records, next };
}

function* partsOf(batch: EventBatch, { batchRecordsMax, batchBytesMax }: Follower): Generator<EventBatch> {
  const recordsMax = batchRecordsMax ?? BATCH_RECORDS_MAX;
  const limits = { recordsMax, bytesMax: batchBytesMax ?? Number.POSITIVE_INFINITY };
  let at = 0;
  do {
    const records = recordsWithin(batch.records, at, limits);
    at += records.length;
    yield { ...batch, records, next: batch.records[at]?.offset ?? batch.next };
  } while (at < batch.records.length);
}
