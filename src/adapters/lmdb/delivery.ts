import type { BatchHandler, EventBatch, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { createLanes, type Lanes } from '../delivery/lanes.ts';

/** What delivery needs of the log. */
export interface Feed {
  endOffset(at: TopicPartition): number;
  /** At most `recordsMax` events of `bytesMax` from there on; none at the end. */
  batchFrom(at: TopicPartition, from: number, recordsMax: number, bytesMax?: number): EventBatch;
}

/** Hands batches of some partitions to one handler: per partition one at a time, in order. */
export interface Delivery extends Pick<Lanes<unknown>, 'remove' | 'partitions' | 'wake' | 'abandon'> {
  /** Begins with these partitions. */
  add(starts: readonly StartOffset[]): void;
}

const RECORDS_MAX = 500;

export function createDelivery(
  feed: Feed,
  handler: BatchHandler,
  commit: (at: StartOffset) => Promise<void>,
  onFailure: (error: unknown) => void,
): Delivery {
  const recordsMax = handler.batchRecordsMax ?? RECORDS_MAX;
  const lanes = createLanes<{ position: number }>(handler, {
    isReady: (lane) => feed.endOffset(lane) > lane.state.position,
    take(lane) {
      const batch = feed.batchFrom(lane, lane.state.position, recordsMax, handler.batchBytesMax);
      lane.state.position = batch.next;
      return batch;
    },
    commit,
    onFailure,
  });
  return {
    ...lanes,
    add(starts) {
      for (const { offset, ...at } of starts) lanes.add(at, { position: offset });
    },
  };
}
