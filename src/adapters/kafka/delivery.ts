import { type BatchLimits, type EventRecord, recordsWithin } from '../../model/event-record.ts';
import type { BatchHandler, Consumer, EventBatch, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { type Fetched, placeKey } from './fetch.ts';

/*
 * Invariants:
 * 1. Per partition one batch is at work at a time, in order; the next one begins after the commit of the last.
 * 2. A partition is hungry only while nothing fetched of it waits, and none is while many wait: memory is bounded however
 *    slow the handler.
 * 3. What comes for a partition that was removed meanwhile, or asked for twice, is dropped.
 */

/** Hands fetched events of some partitions to one handler. */
export interface Delivery {
  /** Begins with these partitions. */
  add(starts: readonly StartOffset[]): void;
  /** Ends with these partitions, once their batches at work are handled and committed. */
  remove(partitions: readonly TopicPartition[]): Promise<void>;
  partitions(): readonly TopicPartition[];
  /** Partitions of which more may be fetched, from these offsets on. */
  hungry(): readonly Hungry[];
  offer(fetched: Fetched): void;
  /** Delivers nothing more and commits nothing more, without waiting. */
  abandon(): void;
}

export interface Hungry extends StartOffset {
  /** Whether there is certainly, or for all we know, something to fetch. */
  readonly behind: boolean;
}

interface Lane extends TopicPartition {
  /** Where the next fetch begins. */
  position: number;
  /** How far the partition went when we last heard of it. */
  end: number;
  /** Fetched, up to `position`. */
  waiting: readonly EventRecord[];
  /** So many of them are handed over. */
  taken: number;
  /** What was fetched is not all handed over. */
  pending: boolean;
  /** In the queue or at work. */
  busy: boolean;
  removed: boolean;
  work: Promise<void>;
}

export interface DeliveryEvents {
  commit(at: StartOffset): Promise<void>;
  /** There may be hungry partitions. */
  onHungry(): void;
  onFailure(error: unknown): void;
}

const RECORDS_MAX = 500;
/** So many partitions may wait with what was fetched of them, at most some 1 MiB each. */
const PENDING_MAX = 32;

export function createDelivery(handler: BatchHandler, events: DeliveryEvents): Delivery {
  const lanes = new Map<string, Lane>();
  // First come, first served: a full partition cannot starve the others.
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
          // The lane stays busy: what it holds is delivered again by whoever gets it next.
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

/** `ended` of a consumer, with the means to settle it. */
export function createEnding(): Pick<Consumer, 'ended'> & { resolve(): void; reject(error: unknown): void } {
  let settle = { resolve: () => {}, reject: (_error: unknown) => {} };
  const ended = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Nobody has to watch it.
  ended.catch(() => {});
  return { ended, ...settle };
}
