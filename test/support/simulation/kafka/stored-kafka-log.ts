import { decodeEvent } from '../../../../src/adapters/kafka/event-message.ts';
import type { EventRecord } from '../../../../src/model/event-record.ts';
import type { StoredLog } from '../stored-log.ts';
import type { StoredBatch } from './replica-log.ts';
import type { SimulatedBrokers } from './simulated-brokers.ts';

/** The content of the simulated brokers, for inspection: what their leaders would show. */
export function createStoredKafkaLog(brokers: SimulatedBrokers): StoredLog {
  const decoded = new WeakMap<StoredBatch, readonly EventRecord[]>();

  function recordsOf(batch: StoredBatch): readonly EventRecord[] {
    const known =
      decoded.get(batch) ?? batch.messages.map((one, i) => decodeEvent({ ...one, offset: String(batch.base + i) }));
    decoded.set(batch, known);
    return known;
  }
  const statesOf = (topic: string) => brokers.partitions().filter((one) => one.topic === topic);
  const end = (topic: string, partition: number) => statesOf(topic)[partition]?.state.highWatermark() ?? 0;
  const unasked = () => {
    throw new Error('what the brokers hold is changed through the brokers only');
  };
  return {
    topics: brokers.topics,
    partitionsOf: (topic) => statesOf(topic).length,
    endOffset: ({ topic, partition }) => end(topic, partition),
    endOffsets: (topic) => statesOf(topic).map((_, partition) => end(topic, partition)),
    committedOffset: (group, { topic, partition }) => brokers.committedOffset(group, topic, partition),
    committedOffsets: (group, topic) =>
      statesOf(topic).map(({ partition }) => brokers.committedOffset(group, topic, partition)),
    records: (topic) =>
      statesOf(topic).map(({ state }) => {
        const holder = state.leader() >= 0 ? state.leader() : state.inSync()[0]!;
        const below = state.log(holder).batches.filter(({ base }) => base < Math.max(state.highWatermark(), 0));
        return below.flatMap(recordsOf);
      }),
    declare: unasked,
    checkPlace: unasked,
    commit: unasked,
    store: unasked,
    batchFrom: unasked,
  };
}
