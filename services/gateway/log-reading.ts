import { AppError } from '../../src/model/app-error.ts';
import { nameProblem } from '../../src/model/given-name.ts';
import { featureSchemaOf, type Topic, type Topics } from '../../src/model/topics.ts';
import type { EventBatch, EventLog, OffsetRange, StartOffset } from '../../src/ports/event-log.ts';
import { eventChecksum } from '../../src/protocol/event-checksum.ts';
import type {
  EventBatch as EventBatchMessage,
  Gateway,
  LoggedEvent,
  ReadEventsRequest,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createIngestedSources } from '../../src/reading/log-lookup.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import { followedBatches } from './followed-batches.ts';

/** Size limit of a message, well below the limit of a call. A single event is below 1 MiB. */
const BATCH_BYTES_MAX = 2 * 2 ** 20;
/** More than all partitions of all topics. Each range of a request is looked up. */
const RANGES_MAX = 10_000;
const GROUP_BYTES_MAX = 256;
/** Size of the rest of an event besides key, id and value: short attributes and framing. */
const FRAME_BYTES = 300;

type LogReading = Pick<Gateway, 'ListTopics' | 'GetOffsets' | 'ReadEvents' | 'ListSources'>;

/** Serves the log's records, unchanged, to clients that cannot reach the log. */
export function createLogReading(log: EventLog, topics: Topics): LogReading {
  const ingested = createIngestedSources(log, topics);
  return {
    ListTopics: async () => ({ topics: (await log.topics()).filter(({ name }) => isOurs(name, topics)) }),
    async GetOffsets({ topic, group }) {
      assertOurs(topic, topics);
      if (group === undefined) return { offsets: await log.endOffsets(topic) };
      const problem = nameProblem(group, GROUP_BYTES_MAX);
      if (problem !== undefined) throw new AppError('invalid_argument', `group ${problem}`);
      return { offsets: await log.committedOffsets(group, topic) };
    },
    ListSources: async () => ({ sources: [...(await ingested())].sort() }),
    ReadEvents: (request) =>
      stoppableStream(async function* (signal) {
        assertReadable(request, topics);
        for await (const batch of batchesOf(log, request, signal)) {
          if (signal.aborted) return;
          yield* messagesOf(batch);
        }
      }),
  };
}

/** The brokers may hold topics of other programs that the gateway is allowed to read. Its clients are not. */
function isOurs(topic: string, topics: Topics): boolean {
  return Object.values<Topic>({ ...topics }).some(({ name }) => name === topic) || featureSchemaOf(topic) !== undefined;
}

function assertOurs(topic: string, topics: Topics): void {
  if (isOurs(topic, topics)) return;
  const remedy = 'ListTopics names those that there are';
  throw new AppError(
    'invalid_argument',
    `topic "${topic.slice(0, GROUP_BYTES_MAX)}" is none of elastream's: ${remedy}`,
  );
}

function assertReadable({ ranges }: ReadEventsRequest, topics: Topics): void {
  for (const topic of new Set(ranges.map((range) => range.topic))) assertOurs(topic, topics);
  if (ranges.length <= RANGES_MAX) return;
  const problem = `ranges has ${ranges.length} entries; at most ${RANGES_MAX} are allowed`;
  throw new AppError('invalid_argument', `${problem}: read the others in calls of their own`);
}

function batchesOf(log: EventLog, { ranges }: ReadEventsRequest, signal: AbortSignal): AsyncIterable<EventBatch> {
  const bounded = ranges.filter((range): range is OffsetRange => range.to !== undefined);
  if (bounded.length === ranges.length) return log.read(bounded);
  if (bounded.length === 0) return followedBatches(log, ranges.map(startOf), signal);
  const problem = `${bounded.length} of the ${ranges.length} ranges have an end`;
  throw new AppError('invalid_argument', `${problem}: give "to" in all of them, or in none to go on with what comes`);
}

function startOf({ topic, partition, from }: ReadEventsRequest['ranges'][number]): StartOffset {
  return { topic, partition, offset: from };
}

/** Splits a batch into messages below the size limit. `next` of the last message is that of the batch. */
function* messagesOf({ topic, partition, records, next }: EventBatch): Generator<EventBatchMessage> {
  let events: LoggedEvent[] = [];
  let bytes = 0;
  for (const record of records) {
    const own = record.key.length + record.id.length + record.value.length + FRAME_BYTES;
    if (events.length > 0 && bytes + own > BATCH_BYTES_MAX) {
      yield { topic, partition, events, next: record.offset };
      events = [];
      bytes = 0;
    }
    // The log has verified the event; the checksum protects it on the way to the client.
    events.push({ ...record, checksum: eventChecksum(record) });
    bytes += own;
  }
  yield { topic, partition, events, next };
}
