import type { StartOffset } from '../../src/ports/event-log.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';

/*
 * Invariants:
 * 1. What is given for a partition is published in this order, also where an attempt fails and is made again: a
 *    watermark must not overtake an example that another topic's batch has brought, or that one would be late.
 * 2. What an attempt was given stays until it is published, so that whoever comes next publishes it before his own.
 * 3. What follows from a batch is taken once, however often it is attempted: what more another attempt finds follows
 *    from a batch of the other topic too, which has brought it.
 */

/** Publishes what follows from several topics of one partition in one order. */
export interface OrderedPublishing {
  /** @param end of the batch from which they follow */
  publish(end: StartOffset, publications: readonly Publication[]): Promise<void>;
  /** The partition is another node's now, which publishes the same. */
  drop(partition: number): void;
}

interface PublishingLane {
  readonly waiting: Publication[];
  /** By topic, the end of the last batch. */
  readonly taken: Map<string, number>;
  last: Promise<void>;
}

export function createOrderedPublishing(publisher: Publisher): OrderedPublishing {
  const lanes = new Map<number, PublishingLane>();
  return {
    async publish({ topic, partition, offset }, publications) {
      const lane: PublishingLane = lanes.get(partition) ?? { waiting: [], taken: new Map(), last: Promise.resolve() };
      lanes.set(partition, lane);
      if (offset > (lane.taken.get(topic) ?? -1)) lane.waiting.push(...publications); // 1, 3
      lane.taken.set(topic, offset);
      const flush = async () => {
        const batch = [...lane.waiting];
        await publisher.publish(batch);
        lane.waiting.splice(0, batch.length); // 2
      };
      const own = lane.last.then(flush);
      lane.last = own.catch(() => {});
      await own;
    },
    drop: (partition) => void lanes.delete(partition),
  };
}
