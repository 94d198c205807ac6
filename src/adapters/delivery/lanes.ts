import type { BatchHandler, EventBatch, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from './place-key.ts';

/*
 * Invariants:
 * 1. Each partition has one batch at work at a time, in order. The next batch begins after the commit of the last one.
 * 2. Partitions take turns: one with a long backlog cannot starve the others.
 * 3. A partition whose batch failed gets no further batch here. Its next consumer gets the same batch again.
 */

/** What a log keeps for each partition that it delivers. */
export interface LaneSource<State> {
  /** Whether there are events to hand over. */
  isReady(lane: Lane<State>): boolean;
  /** Takes the next batch; the state then stands behind it. */
  take(lane: Lane<State>): EventBatch;
  commit(at: StartOffset): Promise<void>;
  onFailure(error: unknown): void;
}

/** One partition, with the log's own state of it. */
interface Lane<State> extends TopicPartition {
  readonly state: State;
}

interface OwnLane<State> extends Lane<State> {
  /** In the queue or at work. */
  busy: boolean;
  removed: boolean;
  work: Promise<void>;
}

/** Hands batches of some partitions to one handler, as many side by side as the handler wants. */
export interface Lanes<State> {
  add(at: TopicPartition, state: State): void;
  /** Removes partitions; resolves when their batches at work are handled and committed. */
  remove(partitions: readonly TopicPartition[]): Promise<void>;
  get(at: TopicPartition): Lane<State> | undefined;
  all(): readonly Lane<State>[];
  partitions(): readonly TopicPartition[];
  /** Says that a partition may have events now. */
  wake(at: TopicPartition): void;
  /** Delivers and commits nothing more, without waiting. */
  abandon(): void;
  isAbandoned(): boolean;
}

export function createLanes<State>(
  { onBatch, concurrency = 1 }: BatchHandler,
  { isReady, take, commit, onFailure }: LaneSource<State>,
): Lanes<State> {
  const lanes = new Map<string, OwnLane<State>>();
  const queue: OwnLane<State>[] = [];
  let running = 0;
  let abandoned = false;

  function enqueue(lane: OwnLane<State>): void {
    if (abandoned || lane.busy || lane.removed || !isReady(lane)) return;
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
          // The lane stays busy (invariant 3).
          running--;
          if (!abandoned) onFailure(error);
        },
      );
    }
  }

  async function deliver(lane: OwnLane<State>): Promise<void> {
    const batch = take(lane);
    if (batch.records.length > 0) await onBatch(batch);
    if (!abandoned) await commit({ topic: lane.topic, partition: lane.partition, offset: batch.next });
  }

  function settle(lane: OwnLane<State>): void {
    running--;
    lane.busy = false;
    enqueue(lane);
    pump();
  }

  return {
    add({ topic, partition }, state) {
      const lane = { topic, partition, state, busy: false, removed: false, work: Promise.resolve() };
      lanes.set(placeKey(lane), lane);
      enqueue(lane);
    },
    async remove(partitions) {
      const gone = partitions.map(placeKey).flatMap((key) => lanes.get(key) ?? []);
      for (const lane of gone) {
        lane.removed = true;
        lanes.delete(placeKey(lane));
      }
      await Promise.all(gone.map((lane) => lane.work));
    },
    get: (at) => lanes.get(placeKey(at)),
    all: () => [...lanes.values()],
    partitions: () => [...lanes.values()].map(({ topic, partition }) => ({ topic, partition })),
    wake(at) {
      const lane = lanes.get(placeKey(at));
      if (lane) enqueue(lane);
    },
    abandon() {
      abandoned = true;
    },
    isAbandoned: () => abandoned,
  };
}
