import { AppError } from '../../model/app-error.ts';
import type { Consumer, EventBatch, EventLog, EventLogReader, Follower } from '../../ports/event-log.ts';
import type {
  EventBatch as EventBatchMessage,
  Gateway,
} from '../../protocol/generated/elastream/v1/services.generated.ts';

type LogCalls = Pick<Gateway, 'ListTopics' | 'GetOffsets' | 'ReadEvents'>;

const BATCH_RECORDS_MAX = 500;

/**
 * The log of a cluster, read through its gateway. A follower handles one batch at a time, and ends with the error of a
 * gateway that is out of reach: begin another one where it ended.
 */
export function createRemoteLogReader(gateway: LogCalls): EventLogReader & Pick<EventLog, 'follow'> {
  const consumers = new Set<Consumer>();
  const offsets = async (request: Parameters<LogCalls['GetOffsets']>[0]) => (await gateway.GetOffsets(request)).offsets;
  return {
    topics: async () => (await gateway.ListTopics({})).topics,
    endOffsets: (topic) => offsets({ topic }),
    committedOffsets: (group, topic) => offsets({ topic, group }),
    async *read(ranges) {
      if (ranges.length === 0) return;
      for await (const message of gateway.ReadEvents({ ranges })) yield batchOf(message);
    },
    async follow(follower) {
      const consumer = startFollowing(gateway, follower);
      consumers.add(consumer);
      return consumer;
    },
    async close() {
      for (const consumer of consumers) void consumer.stop();
    },
  };
}

function startFollowing(gateway: LogCalls, follower: Follower): Consumer {
  const ranges = follower.from.map(({ topic, partition, offset }) => ({ topic, partition, from: offset }));
  const messages = gateway.ReadEvents({ ranges })[Symbol.asyncIterator]();
  let stopping = false;

  async function handleAll(): Promise<void> {
    while (!stopping) {
      const next = await messages.next();
      if (stopping) return;
      if (next.done) {
        throw new AppError('unavailable', 'the gateway ended the stream of events; ask again', { retryable: true });
      }
      for (const batch of partsOf(batchOf(next.value), follower.batchRecordsMax ?? BATCH_RECORDS_MAX)) {
        await follower.onBatch(batch);
        if (stopping) return;
      }
    }
  }

  const ended = handleAll()
    .catch((error) => {
      // A stream that was given up may well fail.
      if (!stopping) throw error;
    })
    .finally(() => messages.return?.());
  ended.catch(() => {});
  return {
    ended,
    async stop() {
      stopping = true;
      messages.return?.().catch(() => {});
      await ended.catch(() => {});
    },
  };
}

function batchOf({ topic, partition, events, next }: EventBatchMessage): EventBatch {
  return { topic, partition, records: events, next };
}

function* partsOf(batch: EventBatch, recordsMax: number): Generator<EventBatch> {
  const { records, next } = batch;
  for (let at = 0; at < Math.max(1, records.length); at += recordsMax) {
    const after = records[at + recordsMax];
    yield { ...batch, records: records.slice(at, at + recordsMax), next: after?.offset ?? next };
  }
}
