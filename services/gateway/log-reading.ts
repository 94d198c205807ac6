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

/** A message stays well below what a call may carry; an event alone is below 1 MiB. */
const BATCH_BYTES_MAX = 2 * 2 ** 20;
/** More than all partitions of all topics: who reads knows where, and each is looked up. */
const RANGES_MAX = 10_000;
const GROUP_BYTES_MAX = 256;
/** Beside key, id and value: attributes that hardly vary, and what they are framed with. */
const FRAME_BYTES = 300;

type LogReading = Pick<Gateway, 'ListTopics' | 'GetOffsets' | 'ReadEvents' | 'ListSources'>;

/** The log for those who cannot reach it themselves: records as they are. */
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

/** The brokers may carry what is none of elastream's, and the gateway be allowed to read it; whoever asks it is not. */
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

/** A batch in as many messages as keep it below the bound; the last one goes on from where the batch does. */
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
    // The log has checked it: from here on this goes with it.
    events.push({ ...record, checksum: eventChecksum(record) });
    bytes += own;
  }
  yield { topic, partition, events, next };
}
