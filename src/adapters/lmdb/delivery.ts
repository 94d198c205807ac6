import type { BatchHandler, Consumer, EventBatch, StartOffset, TopicPartition } from '../../ports/event-log.ts';

/** What delivery needs from the log. */
export interface Feed {
  endOffset(at: TopicPartition): number;
  /** Returns at most `recordsMax` events of at most `bytesMax` bytes from offset `from` on; none at the end. */
  batchFrom(at: TopicPartition, from: number, recordsMax: number, bytesMax?: number): EventBatch;
}

/** Delivers batches of some partitions to one handler: per partition one batch at a time, in order. */
export interface Delivery {
  /** Starts to deliver these partitions. */
  add(starts: readonly StartOffset[]): void;
  /** Stops delivering these partitions. Resolves when their batches at work are handled and committed. */
  remove(partitions: readonly TopicPartition[]): Promise<void>;
  partitions(): readonly TopicPartition[];
  /** Called when the partition may have new events. */
  wake(at: TopicPartition): void;
  /** Stops all deliveries and commits at once, without waiting for the handler. */
  abandon(): void;
}

interface Lane extends TopicPartition {
  position: number;
  /** The lane is in the queue or its batch is at work. */
  busy: boolean;
  removed: boolean;
  work: Promise<void>;
}

const RECORDS_MAX = 500;

export function laneKey({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}

export function createDelivery(
  feed: Feed,
  handler: BatchHandler,
  commit: (at: StartOffset) => Promise<void>,
  onFailure: (error: unknown) => void,
): Delivery {
  const lanes = new Map<string, Lane>();
  // First in, first out, so that a full partition cannot starve the others.
  const queue: Lane[] = [];
  const concurrency = handler.concurrency ?? 1;
  const recordsMax = handler.batchRecordsMax ?? RECORDS_MAX;
  let running = 0;
  let abandoned = false;

  function enqueue(lane: Lane): void {
    if (abandoned || lane.busy || lane.removed || feed.endOffset(lane) <= lane.position) return;
    lane.busy = true;
    queue.push(lane);
    pump();
  }

  function pump(): void {
    while (running < concurrency) {
      const lane = queue.shift();
      if (!lane) return;
      if (lane.removed || abandoned) continue;
      running++;
      lane.work = deliver(lane).then(
        () => settle(lane),
        (error) => {
          // The lane stays busy: the next holder of the partition receives these events again.
          running--;
          if (!abandoned) onFailure(error);
        },
      );
    }
  }

  async function deliver(lane: Lane): Promise<void> {
    const batch = feed.batchFrom(lane, lane.position, recordsMax, handler.batchBytesMax);
    if (batch.records.length > 0) await handler.onBatch(batch);
    if (abandoned) return;
    lane.position = batch.next;
    await commit({ topic: lane.topic, partition: lane.partition, offset: batch.next });
  }

  function settle(lane: Lane): void {
    running--;
    lane.busy = false;
    enqueue(lane);
    pump();
  }

  return {
    add(starts) {
      for (const { topic, partition, offset } of starts) {
        const lane = { topic, partition, position: offset, busy: false, removed: false, work: Promise.resolve() };
        lanes.set(laneKey(lane), lane);
        enqueue(lane);
      }
    },
    async remove(partitions) {
      const gone = partitions.map(laneKey).flatMap((key) => lanes.get(key) ?? []);
      for (const lane of gone) {
        lane.removed = true;
        lanes.delete(laneKey(lane));
      }
      await Promise.all(gone.map((lane) => lane.work));
    },
    partitions: () => [...lanes.values()].map(({ topic, partition }) => ({ topic, partition })),
    wake(at) {
      const lane = lanes.get(laneKey(at));
      if (lane) enqueue(lane);
    },
    abandon() {
      abandoned = true;
    },
  };
}

/** Creates the promise `ended` of a consumer and the functions that settle it. */
export function createEnding(): Pick<Consumer, 'ended'> & { resolve(): void; reject(error: unknown): void } {
  let settle = { resolve: () => {}, reject: (_error: unknown) => {} };
  const ended = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Prevents an unhandled rejection if nobody watches the promise.
  ended.catch(() => {});
  return { ended, ...settle };
}
