import type { Cluster } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import type { OffsetRange, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';
import type { TopicCatalogue } from './topic-catalogue.ts';

/** End offsets of partitions and committed offsets of consumer groups. */
export interface LogOffsets {
  ends(topic: string): Promise<readonly number[]>;
  committed(group: string, topic: string): Promise<readonly number[]>;
  starts(group: string, places: readonly TopicPartition[]): Promise<readonly StartOffset[]>;
  /** Returns the ranges, cut at the ends of their partitions. */
  clip(ranges: readonly OffsetRange[]): Promise<readonly OffsetRange[]>;
}

export function createLogOffsets(cluster: Cluster, catalogue: TopicCatalogue, timing?: Timing): LogOffsets {
  /**
   * Returns the end offset of each partition. After a failover a broker answers only when it has all acknowledged
   * events.
   */
  async function ends(topic: string): Promise<readonly number[]> {
    const partitions = await partitionsOf(topic);
    return ask(`finding the ends of ${topic}`, async () => {
      await cluster.addMultipleTargetTopics([topic]);
      const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: false }]);
      return inOrder(topic, found?.partitions ?? [], partitions.length);
    });
  }

  async function committed(group: string, topic: string): Promise<readonly number[]> {
    const partitions = await partitionsOf(topic);
    return ask(`finding the offsets of group ${group}`, async () => {
      const coordinator = await cluster.findGroupCoordinator({ groupId: group });
      // kafkajs' type requires the field `offset` even in a request for offsets; it is not used.
      const topics = [{ topic, partitions: partitions.map(({ partition }) => ({ partition, offset: '' })) }];
      const { responses } = await coordinator.offsetFetch({ groupId: group, topics });
      return inOrder(topic, responses[0]?.partitions ?? [], partitions.length);
    });
  }

  function ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    const attempt = () =>
      question().catch(async (error: unknown) => {
        await cluster.refreshMetadata().catch(() => {});
        throw error;
      });
    return retried(what, attempt, { timing });
  }

  async function partitionsOf(topic: string): Promise<{ partition: number }[]> {
    return Array.from({ length: await catalogue.partitionsOf(topic) }, (_, partition) => ({ partition }));
  }

  /** Calls `find` once per topic and returns a look-up by topic and partition. */
  async function perTopic(places: readonly TopicPartition[], find: (topic: string) => Promise<readonly number[]>) {
    const topics = [...new Set(places.map(({ topic }) => topic))];
    const found = new Map<string, number>();
    for (const topic of topics) {
      for (const [partition, offset] of (await find(topic)).entries())
        found.set(placeKey({ topic, partition }), offset);
    }
    return (at: TopicPartition) => found.get(placeKey(at))!;
  }

  return {
    ends,
    committed,
    async starts(group, places) {
      const offsetOf = await perTopic(places, (topic) => committed(group, topic));
      return places.map((at) => ({ ...at, offset: offsetOf(at) }));
    },
    async clip(ranges) {
      const endOf = await perTopic(ranges, ends);
      return ranges.map((range) => ({ ...range, to: Math.min(range.to, endOf(range)) }));
    },
  };
}

/**
 * Returns the offsets in the order of the partitions. An offset of -1 (nothing committed) becomes 0, the earliest.
 * @throws AppError `unavailable`, retryable, if the answer lacks a partition: kafkajs leaves out what its metadata does
 *   not hold, which another request that refreshes them at the same time can bring about. A missing end is not 0, or a
 *   full topic would be read as an empty one.
 */
function inOrder(
  topic: string,
  found: readonly { partition: number; offset: string }[],
  partitions: number,
): readonly number[] {
  const offsetOf = new Map(found.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
  return Array.from({ length: partitions }, (_, partition) => {
    const offset = offsetOf.get(partition);
    if (offset !== undefined) return offset;
    throw new AppError('unavailable', `Kafka's answer lacks ${topic} partition ${partition}`, { retryable: true });
  });
}
