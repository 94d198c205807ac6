import { type BatchLimits, type EventRecord, recordsWithin } from '../../model/event-record.ts';
import type { BatchHandler, Consumer, EventBatch, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { type Fetched, placeKey } from './fetch.ts';

/*
 * Invariants:
 * 1. A partition has at most one batch at work. Batches of a partition are handled in order; the next one begins after
 *    the commit of the previous one.
 * 2. Backpressure: a partition is hungry only while none of its fetched events wait, and no partition is hungry while
 *    many partitions wait. So memory is bounded, however slow the handler is.
 * 3. Fetched events are dropped if their partition was removed in the meantime or if they were fetched twice.
 */

/** Delivers the fetched events of some partitions to one handler. */
export interface Delivery {
  /** Starts to deliver these partitions. */
  add(starts: readonly StartOffset[]): void;
  /** Stops delivering these partitions. Resolves when their batches at work are handled and committed. */
  remove(partitions: readonly TopicPartition[]): Promise<void>;
  partitions(): readonly TopicPartition[];
  /** Partitions of which more events may be fetched, with the offset of the next fetch. */
  hungry(): readonly Hungry[];
  offer(fetched: Fetched): void;
  /** Stops all deliveries and commits at once, without waiting for the handler. */
  abandon(): void;
}

export interface Hungry extends StartOffset {
  /** True if there are events to fetch, or if the end of the partition is unknown. */
  readonly behind: boolean;
}

interface Lane extends TopicPartition {
  /** Offset at which the next fetch begins. */
  position: number;
  /** The partition's end offset at the last fetch. */
  end: number;
  /** Fetched events, up to `position`. */
  waiting: readonly EventRecord[];
  /** Number of events in `waiting` that were given to the handler. */
  taken: number;
  /** Some fetched events were not given to the handler yet. */
  pending: boolean;
  /** The lane is in the queue or its batch is at work. */
  busy: boolean;
  removed: boolean;
  work: Promise<void>;
}

export interface DeliveryEvents {
  commit(at: StartOffset): Promise<void>;
  /** Called when partitions may have become hungry. */
  onHungry(): void;
  onFailure(error: unknown): void;
}

const RECORDS_MAX = 500;
/** Number of partitions that may hold fetched events at a time, each at most about 1 MiB. */
const PENDING_MAX = 32;

export function createDelivery(handler: BatchHandler, events: DeliveryEvents): Delivery {
  const lanes = new Map<string, Lane>();
  // First in, first out, so that a full partition cannot starve the others.
  const queue: Lane[] = [];
  const concurrency = handler.concurrency ?? 1;
  const limits = {
    recordsMax: handler.batchRecordsMax ?? RECORDS_MAX,
    bytesMax: handler.batchBytesMax ?? Number.POSITIVE_INFINITY,
  };
  let running = 0;
  let abandoned = false;

  function enqueue(lane: Lane): void {
    if (abandoned || lane.busy || lane.removed || !lane.pending) return;
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
          if (!abandoned) events.onFailure(error);
        },
      );
    }
  }

  async function deliver(lane: Lane): Promise<void> {
    const batch = take(lane, limits);
    if (!lane.pending) events.onHungry();
    if (batch.records.length > 0) await handler.onBatch(batch);
    if (!abandoned) await events.commit({ topic: lane.topic, partition: lane.partition, offset: batch.next });
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
        const lane = { topic, partition, position: offset, end: Number.POSITIVE_INFINITY, waiting: [], taken: 0 };
        lanes.set(placeKey(lane), { ...lane, pending: false, busy: false, removed: false, work: Promise.resolve() });
      }
      events.onHungry();
    },
    async remove(partitions) {
      const gone = partitions.map(placeKey).flatMap((key) => lanes.get(key) ?? []);
      for (const lane of gone) {
        lane.removed = true;
        lanes.delete(placeKey(lane));
      }
      await Promise.all(gone.map((lane) => lane.work));
    },
    partitions: () => [...lanes.values()].map(({ topic, partition }) => ({ topic, partition })),
    hungry() {
      const all = [...lanes.values()];
      if (abandoned || all.filter(({ pending }) => pending).length >= PENDING_MAX) return [];
      return all
        .filter(({ pending }) => !pending)
        .map((lane) => ({
          topic: lane.topic,
          partition: lane.partition,
          offset: lane.position,
          behind: lane.position < lane.end,
        }));
    },
    offer(fetched) {
      const lane = lanes.get(placeKey(fetched));
      if (lane === undefined || lane.pending || lane.position !== fetched.from) return;
      lane.end = fetched.end;
      if (fetched.next === lane.position) return;
      lane.position = fetched.next;
      lane.waiting = fetched.records;
      lane.taken = 0;
      lane.pending = true;
      enqueue(lane);
    },
    abandon() {
      abandoned = true;
    },
  };
}

function take(lane: Lane, limits: BatchLimits): EventBatch {
  const records = recordsWithin(lane.waiting, lane.taken, limits);
  lane.taken += records.length;
  lane.pending = lane.taken < lane.waiting.length;
  if (!lane.pending) lane.waiting = [];
  const next = lane.pending ? records.at(-1)!.offset + 1 : lane.position;
  return { topic: lane.topic, partition: lane.partition, records, next };
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
