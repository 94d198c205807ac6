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

/** What a broker gave of one partition: perhaps no event, and still a step forward. */
export interface Fetched extends TopicPartition {
  /** The offset that was asked for. */
  readonly from: number;
  readonly records: readonly EventRecord[];
  /** Where to go on; beyond the last event's offset plus one where the log has marks of its own. */
  readonly next: number;
  /** Up to here there are events to be read. */
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
 * The greatest batch: a partition always makes progress. Of less, a broker sends a greater batch only for the first of
 * the partitions that have something.
 */
const PARTITION_BYTES_MAX = BATCH_BYTES_MAX;
const FETCH_BYTES_MAX = 8 * 2 ** 20;

/** The brokers that lead these partitions, with what each leads; under -1 what has no leader now. */
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
 * Asks one broker for events from these offsets on; waits at most so long where there are none.
 * @throws AppError `storage_corrupt` where the log no longer has an offset, or not what was written there
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
