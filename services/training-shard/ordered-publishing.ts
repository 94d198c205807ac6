import type { Publication, Publisher } from '../../src/runtime/publisher.ts';

/*
 * Invariants:
 * 1. What is given for a partition is published in this order, also where an attempt fails and is made again: a
 *    watermark must not overtake an example that another topic's batch has brought, or that one would be late.
 * 2. What an attempt was given stays until it is published, so that whoever comes next publishes it before his own.
 */

/** Publishes what follows from several topics of one partition in one order. */
export interface OrderedPublishing {
  publish(partition: number, publications: readonly Publication[]): Promise<void>;
  /** The partition is another node's now, which publishes the same. */
  drop(partition: number): void;
}

export function createOrderedPublishing(publisher: Publisher): OrderedPublishing {
  const lanes = new Map<number, { readonly waiting: Publication[]; last: Promise<void> }>();
  return {
    async publish(partition, publications) {
      const lane = lanes.get(partition) ?? { waiting: [], last: Promise.resolve() };
      lanes.set(partition, lane);
      lane.waiting.push(...publications); // 1
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
