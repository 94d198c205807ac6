import { type BatchLimits, type EventRecord, recordsWithin } from '../../model/event-record.ts';
import type { BatchHandler, EventBatch, StartOffset } from '../../ports/event-log.ts';
import { createLanes, type Lanes } from '../delivery/lanes.ts';
import type { Fetched } from './fetch.ts';

/*
 * Invariants, besides those of lanes.ts:
 * 1. A partition is hungry only when no fetched event of it waits. No partition is hungry while many of them have events
 *    that wait. So memory is bounded, however slow the handler is.
 * 2. What was fetched for a partition that was removed since, or twice, is dropped.
 */

/** Hands fetched events of some partitions to one handler. */
export interface Delivery extends Pick<Lanes<unknown>, 'remove' | 'partitions' | 'abandon'> {
  /** Begins with these partitions. */
  add(starts: readonly StartOffset[]): void;
  /** Partitions of which more may be fetched, from these offsets on. */
  hungry(): readonly Hungry[];
  offer(fetched: Fetched): void;
}

export interface Hungry extends StartOffset {
  /** Whether there is certainly, or for all we know, something to fetch. */
  readonly behind: boolean;
}

interface Fetching {
  /** The offset of the next fetch. */
  position: number;
  /** The partition's end, as the last fetch saw it. */
  end: number;
  /** Fetched, up to `position`. */
  waiting: readonly EventRecord[];
  /** How many of them are handed over. */
  taken: number;
  /** Whether some of them are not handed over yet. */
  pending: boolean;
}

export interface DeliveryEvents {
  commit(at: StartOffset): Promise<void>;
  /** There may be hungry partitions. */
  onHungry(): void;
  onFailure(error: unknown): void;
}

const RECORDS_MAX = 500;
/** At most so many partitions have fetched events that wait, about 1 MiB each. */
const PENDING_MAX = 32;

export function createDelivery(handler: BatchHandler, events: DeliveryEvents): Delivery {
  const limits = {
    recordsMax: handler.batchRecordsMax ?? RECORDS_MAX,
    bytesMax: handler.batchBytesMax ?? Number.POSITIVE_INFINITY,
  };
  const lanes = createLanes<Fetching>(handler, {
    isReady: ({ state }) => state.pending,
    take({ topic, partition, state }) {
      const batch = { topic, partition, ...take(state, limits) };
      if (!state.pending) events.onHungry();
      return batch;
    },
    commit: events.commit,
    onFailure: events.onFailure,
  });
  return {
    add(starts) {
      for (const { offset, ...at } of starts) {
        lanes.add(at, { position: offset, end: Number.POSITIVE_INFINITY, waiting: [], taken: 0, pending: false });
      }
      events.onHungry();
    },
    hungry() {
      const all = lanes.all();
      if (lanes.isAbandoned() || all.filter(({ state }) => state.pending).length >= PENDING_MAX) return [];
      return all
        .filter(({ state }) => !state.pending)
        .map(({ topic, partition, state: { position, end } }) => {
          return { topic, partition, offset: position, behind: position < end };
        });
    },
    offer(fetched) {
      const state = lanes.get(fetched)?.state;
      if (state === undefined || state.pending || state.position !== fetched.from) return;
      state.end = fetched.end;
      if (fetched.next === state.position) return;
      state.position = fetched.next;
      state.waiting = fetched.records;
      state.taken = 0;
      state.pending = true;
      lanes.wake(fetched);
    },
    remove: lanes.remove,
    partitions: lanes.partitions,
    abandon: lanes.abandon,
  };
}

function take(state: Fetching, limits: BatchLimits): Pick<EventBatch, 'records' | 'next'> {
  const records = recordsWithin(state.waiting, state.taken, limits);
  state.taken += records.length;
  state.pending = state.taken < state.waiting.length;
  if (!state.pending) state.waiting = [];
  const next = state.pending ? records.at(-1)!.offset + 1 : state.position;
  return { records, next };
}
