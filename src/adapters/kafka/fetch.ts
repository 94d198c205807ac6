import type { Cluster } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import type { EventRecord } from '../../model/event-record.ts';
import type { StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';
import { answered } from './answered.ts';
import type { FetchedMessage } from './event-message.ts';
import { fetchedRecords, unreadable } from './fetched-records.ts';
import { brokerErrorType } from './kafka-failure.ts';
import { BATCH_BYTES_MAX } from './record-batch.ts';
import type { Timing } from './timing.ts';

/** A broker's answer for one partition. It may hold no event and still advance the offset. */
export interface Fetched extends TopicPartition {
  /** The offset from which the fetch began. */
  readonly from: number;
  readonly records: readonly EventRecord[];
  /** Offset of the next fetch. It exceeds the last event's offset plus one if the log holds control records. */
  readonly next: number;
  /** End offset of the partition (high watermark). */
  readonly end: number;
}

interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly highWatermark: string;
      readonly messages: readonly FetchedMessage[];
    }[];
  }[];
}

/**
 * The size of the greatest batch, so that a partition always makes progress. With a smaller limit, a broker sends a
 * greater batch only for the first partition that has events.
 */
const PARTITION_BYTES_MAX = BATCH_BYTES_MAX;
const FETCH_BYTES_MAX = 8 * 2 ** 20;

/** Groups partitions by their leader's broker id. Partitions without a leader are under -1. */
export function byLeader<T extends TopicPartition>(cluster: Cluster, partitions: readonly T[]): Map<number, T[]> {
  const leaders = new Map<number, T[]>();
  for (const at of partitions) {
    const found = cluster.findTopicPartitionMetadata(at.topic).find(({ partitionId }) => partitionId === at.partition);
    const leader = found?.leader ?? -1;
    leaders.set(leader, [...(leaders.get(leader) ?? []), at]);
  }
  return leaders;
}

/**
 * Fetches events from one broker, beginning at these offsets. Waits at most `waitMsMax` if there are no events.
 * @throws AppError `storage_corrupt` if the log no longer holds an offset, or if an event differs from what was written
 */
export async function fetchFrom(
  cluster: Cluster,
  leader: number,
  starts: readonly StartOffset[],
  waitMsMax: number,
  timing?: Timing,
): Promise<readonly Fetched[]> {
  const ask = <T>(what: string, asked: Promise<T>) => answered(`${what} ${leader}`, asked, undefined, timing);
  const broker = await ask('finding broker', cluster.findBroker({ nodeId: String(leader) }));
  const asked = new Map(starts.map((start) => [placeKey(start), start.offset]));
  const topics = starts.map(({ topic, partition, offset }) => ({
    topic,
    partitions: [{ partition, fetchOffset: String(offset), maxBytes: PARTITION_BYTES_MAX }],
  }));
  const request = { isolationLevel: 0, maxWaitTime: waitMsMax, minBytes: 1, maxBytes: FETCH_BYTES_MAX, topics };
  const response: FetchResponse = await ask('reading from broker', broker.fetch(request)).catch((error: unknown) => {
    if (brokerErrorType(error) === 'OFFSET_OUT_OF_RANGE') throw offsetGone(error, starts);
    throw error instanceof RangeError ? unreadable(placesOf(starts), error) : error;
  });
  return response.responses.flatMap(({ topicName: topic, partitions }) =>
    partitions.map(({ partition, highWatermark, messages }) => {
      const from = asked.get(placeKey({ topic, partition }))!;
      const end = Number(highWatermark);
      return { topic, partition, from, end, ...fetchedRecords({ topic, partition, from, end, messages }) };
    }),
  );
}

function placesOf(starts: readonly StartOffset[]): string {
  return starts.map(({ topic, partition, offset }) => `${topic} partition ${partition} offset ${offset}`).join('; ');
}

function offsetGone(error: unknown, starts: readonly StartOffset[]): AppError {
  return new AppError(
    'storage_corrupt',
    `the log no longer has one of: ${placesOf(starts)}; events were deleted or a broker lost its disk: restore the topic`,
    { cause: error },
  );
}
