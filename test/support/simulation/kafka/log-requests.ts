import { CODES } from './broker-errors.ts';
import type { KafkaPartition } from './kafka-partition.ts';
import type { SentMessage, StoredBatch } from './replica-log.ts';
import type { ClusterView, PerTopic, RequestHandlers } from './request-handlers.ts';

interface ProduceParams {
  readonly timeout: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly topicData: readonly PerTopic<{
    readonly partition: number;
    readonly firstSequence: number;
    readonly messages: readonly SentMessage[];
  }>[];
}

interface FetchParams {
  readonly maxWaitTime: number;
  readonly maxBytes: number;
  readonly topics: readonly PerTopic<{
    readonly partition: number;
    readonly fetchOffset: string;
    readonly maxBytes: number;
  }>[];
}

interface ListOffsetsParams {
  readonly topics: readonly PerTopic<{ readonly partition: number; readonly timestamp: number }>[];
}

const EARLIEST = -2;

/** In one of so many fetches that wait, events are written between the look at the end and the reading. */
const RACES_ONE_OF = 5;

/** Produce, Fetch, ListOffsets and InitProducerId. */
export function createLogRequests({ clock, topics }: ClusterView): RequestHandlers {
  let [producers, waits] = [0, 0];

  async function produce(broker: number, params: ProduceParams): Promise<object> {
    const { topicData, timeout, producerId: id, producerEpoch: epoch } = params;
    const answers = topicData.map(async ({ topic, partitions }) => ({
      topicName: topic,
      partitions: await Promise.all(
        partitions.map(async ({ partition, firstSequence: first, messages }) => {
          const sequence = { id: String(id), epoch, first };
          const found = topics.partition(topic, partition);
          const { error, base } = (await found?.append(broker, messages, sequence, timeout)) ?? UNKNOWN;
          return {
            partition,
            errorCode: CODES[error],
            baseOffset: String(base),
            logAppendTime: '-1',
            logStartOffset: '0',
          };
        }),
      ),
    }));
    return { topics: await Promise.all(answers), throttleTime: 0 };
  }

  async function fetch(broker: number, { topics: asked, maxWaitTime, maxBytes }: FetchParams): Promise<object> {
    const deadline = clock.now() + maxWaitTime;
    const mark = (topic: string, partition: number) => topics.partition(topic, partition)?.highWatermark() ?? -1;
    let marks: ReadonlyMap<string, number> | undefined;
    for (;;) {
      let room = maxBytes;
      const responses = asked.map(({ topic, partitions }) => ({
        topicName: topic,
        partitions: partitions.map(({ partition, fetchOffset, maxBytes: partitionRoom }) => {
          const state = topics.partition(topic, partition);
          const batches = state
            ? readable(state, broker, Number(fetchOffset), Math.min(room, partitionRoom))
            : undefined;
          // A real broker takes the end first and reads then: what it reads may lie beyond the end that it names.
          const end = marks?.get(`${topic} ${partition}`) ?? mark(topic, partition);
          const given = fetched(partition, state, batches, broker, end);
          room -= given.bytes;
          return given;
        }),
      }));
      const all = responses.flatMap(({ partitions }) => partitions);
      const isDue = all.some(({ errorCode, messages }) => errorCode !== 0 || messages.length > 0);
      if (isDue || clock.now() >= deadline) return { throttleTime: 0, errorCode: 0, sessionId: 0, responses };
      const isRace = ++waits % RACES_ONE_OF === 0;
      const places = asked.flatMap(({ topic, partitions }) => partitions.map((one) => [topic, one.partition] as const));
      marks = isRace ? new Map(places.map((place) => [place.join(' '), mark(...place)])) : undefined;
      await anyChange(asked, deadline);
    }
  }

  async function anyChange(asked: FetchParams['topics'], deadline: number): Promise<void> {
    const over = new AbortController();
    const changes = asked.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition }) => topics.partition(topic, partition)!.changed()),
    );
    await Promise.race([...changes, clock.sleep(deadline - clock.now(), over.signal)]);
    over.abort();
  }

  async function listOffsets(broker: number, { topics: asked }: ListOffsetsParams): Promise<object> {
    const responses = asked.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, timestamp }) => {
        const state = topics.partition(topic, partition);
        const error = !state
          ? 'UNKNOWN_TOPIC_OR_PARTITION'
          : state.leader() !== broker
            ? 'NOT_LEADER_FOR_PARTITION'
            : // A new leader does not know yet which events were acknowledged.
              state.isSettling()
              ? 'LEADER_NOT_AVAILABLE'
              : 'NONE';
        const offset = error !== 'NONE' ? -1 : timestamp === EARLIEST ? 0 : state!.highWatermark();
        return { partition, errorCode: CODES[error], timestamp: '-1', offset: String(offset) };
      }),
    }));
    return { responses };
  }

  return {
    Produce: ({ broker }, params: ProduceParams) => produce(broker, params),
    Fetch: ({ broker }, params: FetchParams) => fetch(broker, params),
    ListOffsets: ({ broker }, params: ListOffsetsParams) => listOffsets(broker, params),
    InitProducerId: async () => ({ errorCode: 0, producerId: String(++producers), producerEpoch: 0 }),
  };
}

const UNKNOWN = { error: 'UNKNOWN_TOPIC_OR_PARTITION', base: -1 } as const;

/** Whole batches below the high watermark, from the one with that offset on: at least one, then as many as fit. */
function readable(state: KafkaPartition, broker: number, offset: number, room: number): StoredBatch[] | undefined {
  if (state.leader() !== broker || room <= 0) return [];
  if (offset < 0 || offset > state.end()) return undefined;
  const { batches } = state.log(broker);
  let at = firstWith(batches, offset);
  const given: StoredBatch[] = [];
  for (let bytes = 0; at < batches.length; at++) {
    const batch = batches[at]!;
    bytes += batch.bytes;
    if (batch.base + batch.messages.length > state.highWatermark() || (given.length > 0 && bytes > room)) break;
    given.push(batch);
  }
  return given;
}

/** The index of the batch that holds the offset. */
function firstWith(batches: readonly StoredBatch[], offset: number): number {
  let [low, high] = [0, batches.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (batches[middle]!.base + batches[middle]!.messages.length <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fetched(
  partition: number,
  state: KafkaPartition | undefined,
  batches: readonly StoredBatch[] | undefined,
  broker: number,
  mark: number,
) {
  const error = !state
    ? 'UNKNOWN_TOPIC_OR_PARTITION'
    : state.leader() !== broker
      ? 'NOT_LEADER_FOR_PARTITION'
      : batches
        ? 'NONE'
        : 'OFFSET_OUT_OF_RANGE';
  const end = String(error === 'NONE' ? mark : -1);
  const messages = (batches ?? []).flatMap(({ base, messages: stored }) => {
    const batchContext = { firstOffset: String(base), lastOffsetDelta: stored.length - 1 };
    return stored.map((message, i) => ({ ...message, offset: String(base + i), isControlRecord: false, batchContext }));
  });
  const marks = { highWatermark: end, lastStableOffset: end, lastStartOffset: '0', abortedTransactions: [] };
  const bytes = (batches ?? []).reduce((sum, batch) => sum + batch.bytes, 0);
  return { partition, errorCode: CODES[error], ...marks, preferredReadReplica: -1, messages, bytes };
}
