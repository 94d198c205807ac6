import type { Topic } from '../model/topics.ts';
import type { Consumer, EventBatch, EventLog, OffsetRange } from '../ports/event-log.ts';
import { decodeRecords, type Received } from './decode-records.ts';
import { createPositions } from './positions.ts';
import { persisting } from './retry.ts';
import { createFailure, type Service, type ServicePorts } from './service.ts';

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

/** What a follower needs of a log: any that can be read and followed. */
export type FollowerPorts = Pick<ServicePorts, 'clock' | 'random' | 'telemetry'> & {
  readonly log: Pick<EventLog, 'endOffsets' | 'read' | 'follow'>;
};

export interface FollowerOptions {
  readonly topics: readonly Topic[];
  /** Read after the others, which tell from where on: per partition, not beyond the end that it had before them. */
  readonly last?: { readonly topic: Topic; from(ends: readonly number[]): readonly number[] };
  apply(received: Received): void;
  /** After the events of a batch have been applied, once the follower has caught up. */
  onBatch?(): void;
}

/** Reads from the beginning; resolves when it has caught up with the ends that it found at its start. */
export async function startFollower(ports: FollowerPorts, options: FollowerOptions): Promise<Follower> {
  const { log } = ports;
  const { topics, last } = options;
  const all = last ? [...topics, last.topic] : topics;
  const positions = new Map(all.map(({ name, partitions }) => [name, createPositions(partitions, 0)]));
  const failure = createFailure();
  const stopping = new AbortController();
  const context = { ...ports, signal: stopping.signal };

  function apply(batch: EventBatch): void {
    const position = positions.get(batch.topic)!;
    const from = position.offsets[batch.partition]!;
    // Unknown events are skipped: the service that works on the topic refuses them.
    for (const received of decodeRecords(batch).received) if (received.offset >= from) options.apply(received); // 1
    position.set(batch.partition, Math.max(from, batch.next));
  }

  let isBegun = false;
  async function catchUp(): Promise<void> {
    const ends = last && !isBegun ? await log.endOffsets(last.topic.name) : [];
    await readToEnds(topics);
    if (!last) return;
    // Once: where a try has begun, the next goes on.
    const begin = isBegun ? [] : last.from(ends);
    for (const [partition, offset] of begin.entries()) positions.get(last.topic.name)!.set(partition, offset);
    isBegun = true;
    await readToEnds([last.topic]);
  }

  async function readToEnds(some: readonly Topic[]): Promise<void> {
    const ranges: OffsetRange[] = [];
    for (const { name } of some) {
      const ends = await log.endOffsets(name);
      ends.forEach((to, partition) => {
        ranges.push({ topic: name, partition, from: positions.get(name)!.offsets[partition]!, to });
      });
    }
    for await (const batch of log.read(ranges.filter(({ from, to }) => from < to))) apply(batch);
  }

  function follow(): Promise<Consumer> {
    const from = [...positions].flatMap(([topic, { offsets }]) =>
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

  await persisting(context, catchUp);
  const consumer = await persisting(context, follow);
  consumer.ended.catch(failure.fail);
  return {
    failed: failure.promise,
    positions: (topic) => [...positions.get(topic)!.offsets],
    reached: (topic, offsets) => positions.get(topic)!.reached(offsets),
    async stop() {
      stopping.abort();
      for (const position of positions.values()) position.close();
      await consumer.stop();
    },
  };
}
