import { AppError } from '../../src/model/app-error.ts';
import type { EventRecord } from '../../src/model/event-record.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { EventBatch, EventLog, OffsetRange, StartOffset } from '../../src/ports/event-log.ts';
import type {
  EventBatch as EventBatchMessage,
  Gateway,
  ReadEventsRequest,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createIngestedSources } from '../../src/runtime/log-lookup.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import { followedBatches } from './followed-batches.ts';

/** A message stays well below what a call may carry; an event alone is below 1 MiB. */
const BATCH_BYTES_MAX = 2 * 2 ** 20;
/** Beside key, id and value: attributes that hardly vary, and what they are framed with. */
const FRAME_BYTES = 300;

type LogReading = Pick<Gateway, 'ListTopics' | 'GetOffsets' | 'ReadEvents' | 'ListSources'>;

/** The log for those who cannot reach it themselves: records as they are. */
export function createLogReading(log: EventLog, topics: Topics): LogReading {
  const ingested = createIngestedSources(log, topics);
  return {
    ListTopics: async () => ({ topics: await log.topics() }),
    GetOffsets: async ({ topic, group }) => ({
      offsets: await (group === undefined ? log.endOffsets(topic) : log.committedOffsets(group, topic)),
    }),
    ListSources: async () => ({ sources: [...(await ingested())].sort() }),
    ReadEvents: (request) =>
      stoppableStream(async function* (signal) {
        for await (const batch of batchesOf(log, request, signal)) {
          if (signal.aborted) return;
          yield* messagesOf(batch);
        }
      }),
  };
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
  let events: EventRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const own = record.key.length + record.id.length + record.value.length + FRAME_BYTES;
    if (events.length > 0 && bytes + own > BATCH_BYTES_MAX) {
      yield { topic, partition, events, next: record.offset };
      events = [];
      bytes = 0;
    }
    events.push(record);
    bytes += own;
  }
  yield { topic, partition, events, next };
}
