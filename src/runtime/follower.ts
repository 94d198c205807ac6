import type { Topic } from '../model/topics.ts';
import type { Consumer, EventBatch, OffsetRange } from '../ports/event-log.ts';
import { decodeRecords, type Received } from './decode-records.ts';
import { retrying } from './retry.ts';
import { createFailure, type Service, type ServicePorts, stopped } from './service.ts';

/*
 * Invariants:
 * 1. Each event is applied once per follower and partition, in order: what lies below the position is skipped.
 * 2. Applying is synchronous, so whoever looks at the state between two turns sees whole events.
 */

/** A reader of whole topics that stays with their ends. */
export interface Follower extends Service {
  /** Per partition the offset of the next event. */
  positions(topic: string): readonly number[];
  /** Resolves when everything below these offsets has been applied. @throws AppError `interrupted` on stop */
  reached(topic: string, offsets: readonly number[]): Promise<void>;
}

export interface FollowerOptions {
  readonly topics: readonly Topic[];
  apply(received: Received): void;
  /** After the events of a batch have been applied, once the follower has caught up. */
  onBatch?(): void;
}

/** Reads from the beginning; resolves when it has caught up with the ends that it found at its start. */
export async function startFollower(ports: ServicePorts, options: FollowerOptions): Promise<Follower> {
  const { log } = ports;
  const positions = new Map(options.topics.map(({ name, partitions }) => [name, new Array<number>(partitions).fill(0)]));
  const waiting = new Set<() => void>();
  const failure = createFailure();
  const stopping = new AbortController();
  const context = { ...ports, signal: stopping.signal };

  function apply(batch: EventBatch): void {
    const position = positions.get(batch.topic)!;
    const from = position[batch.partition]!;
    // Unknown events are skipped: the service that works on the topic refuses them.
    for (const received of decodeRecords(batch).received) if (received.offset >= from) options.apply(received); // 1
    position[batch.partition] = Math.max(from, batch.next);
    for (const check of [...waiting]) check();
  }

  async function catchUp(): Promise<void> {
    const ranges: OffsetRange[] = [];
    for (const { name } of options.topics) {
      const ends = await log.endOffsets(name);
      ends.forEach((to, partition) => {
        ranges.push({ topic: name, partition, from: positions.get(name)![partition]!, to });
      });
    }
    for await (const batch of log.read(ranges.filter(({ from, to }) => from < to))) apply(batch);
  }

  function follow(): Promise<Consumer> {
    const from = [...positions].flatMap(([topic, offsets]) =>
      offsets.map((offset, partition) => ({ topic, partition, offset })),
    );
    return log.follow({
      from,
      async onBatch(batch) {
        apply(batch);
        options.onBatch?.();
      },
    });
  }

  await retrying(context, catchUp);
  const consumer = await retrying(context, follow);
  consumer.ended.catch(failure.fail);
  return {
    failed: failure.promise,
    positions: (topic) => [...positions.get(topic)!],
    reached(topic, offsets) {
      const position = positions.get(topic)!;
      const isReached = () => offsets.every((offset, partition) => position[partition]! >= offset);
      return new Promise((resolve, reject) => {
        const check = () => {
          if (!isReached() && !stopping.signal.aborted) return;
          waiting.delete(check);
          if (isReached()) resolve();
          else reject(stopped());
        };
        waiting.add(check);
        check();
      });
    },
    async stop() {
      stopping.abort();
      for (const check of [...waiting]) check();
      await consumer.stop();
    },
  };
}
