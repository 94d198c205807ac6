import type { Topic } from '../model/topics.ts';
import type { EventBatch, EventLogReader } from '../ports/event-log.ts';
import { decodeRecords, type Received } from '../runtime/decode-records.ts';
import { createPositions, type Positions } from '../runtime/positions.ts';
import type { Projection } from './projection.ts';
import { rangesToEnd } from './ranges-to-end.ts';

/** Several projections over one reading of the log: each event is read and decoded once for all of them. */
export interface ProjectionRun {
  /** The topics of all projections, without repetitions. */
  readonly topics: readonly Topic[];
  positions(topic: string): Positions;
  /** Gives the new events of a batch to the projections. An event that cannot be decoded is skipped. */
  take(batch: EventBatch): void;
  /** Reads these topics from where the last call stopped to their present ends. */
  readOn(topics: readonly Topic[]): Promise<void>;
}

/** @param type a record's type, which has its package before it */
function takes({ types }: Projection, type: string): boolean {
  return types === undefined || types.some((name) => type.endsWith(`.${name}`));
}

/** @param counts whether an event is taken. Default: every event */
export function createProjectionRun(
  log: Pick<EventLogReader, 'endOffsets' | 'read'>,
  projections: readonly Projection[],
  counts: (received: Received) => boolean = () => true,
): ProjectionRun {
  const topics = new Map(projections.flatMap((one) => one.topics.map((topic) => [topic.name, topic])));
  const positions = new Map([...topics].map(([name, { partitions }]) => [name, createPositions(partitions, 0)]));
  const takersOf = new Map(
    [...topics.keys()].map((name) => [name, projections.filter((one) => one.topics.some((of) => of.name === name))]),
  );

  function take(batch: EventBatch): void {
    const { topic, partition, next } = batch;
    const position = positions.get(topic)!;
    const from = position.offsets[partition]!;
    const takers = takersOf.get(topic)!;
    const records = batch.records.filter(({ type }) => takers.some((taker) => takes(taker, type)));
    for (const received of decodeRecords({ topic, partition, records, next }).received) {
      if (received.offset >= from && counts(received)) for (const taker of takers) taker.take(received);
    }
    position.set(partition, Math.max(from, next));
  }

  return {
    topics: [...topics.values()],
    positions: (topic) => positions.get(topic)!,
    take,
    async readOn(some) {
      const ranges = some.map(({ name }) => rangesToEnd(log, name, positions.get(name)!.offsets));
      for await (const batch of log.read((await Promise.all(ranges)).flat())) take(batch);
    },
  };
}
