import type { Cluster } from 'kafkajs';
import { placeKey } from '../delivery/place-key.ts';
import { answered } from './answered.ts';
import type { Delivery, Hungry } from './delivery.ts';
import { byLeader, fetchFrom } from './fetch.ts';
import { isFinal, kafkaFailure } from './kafka-failure.ts';
import { createPace, type Pace } from './pace.ts';
import { pause } from './retried.ts';
import type { Timing } from './timing.ts';

/*
 * Invariants:
 * 1. A partition is in at most one fetch at a time.
 * 2. Long-poll fetches, which wait for new events, and immediate fetches use separate connections. A broker answers the
 *    requests of a connection one after another, so a long poll for partitions that are at their end would delay
 *    partitions that are behind.
 */

/** Fetches events for the hungry partitions of a delivery. */
export interface Feeder {
  /** Starts fetches for the partitions that are hungry now. */
  feed(): void;
  /** Starts no more fetches. Resolves when none is under way. */
  stop(): Promise<void>;
}

export interface FeederClusters {
  readonly waiting: Cluster;
  readonly hurrying: Cluster;
}

/**
 * Wait time of a long poll. A new event of a partition that is not part of the poll under way waits for at most this
 * long.
 */
const WAIT_MS = 250;
/**
 * Longest wait time, reached after many empty fetches. Each fetch names all partitions, and in an idle cluster such
 * fetches are most of the work. kafkajs waits for a fetch under way before it disconnects, so a longer wait would make
 * every shutdown slower.
 */
const IDLE_WAIT_MS_MAX = 1000;
/** Longest pause between two fetches of a line while few events arrive. */
const REST_MS_MAX = 100;

export function createFeeder(
  clusters: FeederClusters,
  delivery: Delivery,
  onFailure: (error: unknown) => void,
  timing?: Timing,
): Feeder {
  const fetching = new Set<string>();
  const busy = new Map<string, Promise<void>>();
  const paces = new Map<string, Pace>();
  let waitMs = WAIT_MS;
  const stopped = new AbortController();
  let failures = 0;

  function feed(): void {
    if (stopped.signal.aborted) return;
    const hungry = delivery.hungry().filter((at) => !fetching.has(placeKey(at)));
    start(
      clusters.hurrying,
      'hurrying',
      hungry.filter(({ behind }) => behind),
      0,
    );
    start(
      clusters.waiting,
      'waiting',
      hungry.filter(({ behind }) => !behind),
      waitMs,
    );
  }

  function start(cluster: Cluster, kind: string, hungry: readonly Hungry[], waitMsMax: number): void {
    for (const [leader, starts] of byLeader(cluster, hungry)) {
      const line = `${kind} ${leader}`;
      if (busy.has(line)) continue;
      const keys = starts.map(placeKey);
      for (const key of keys) fetching.add(key);
      const fetched = fetchFrom(cluster, leader, starts, waitMsMax, timing)
        // Must run before the events are offered: an offer may start the next fetch of the partition on the other line.
        .finally(() => {
          for (const key of keys) fetching.delete(key);
        })
        .then((all) => {
          failures = 0;
          const isIdle = all.every(({ from, next }) => from === next);
          waitMs = isIdle ? Math.min(waitMs + waitMsMax, IDLE_WAIT_MS_MAX) : WAIT_MS;
          for (const one of all) delivery.offer(one);
          return paceOf(line).rest(
            all.reduce((sum, { records }) => sum + records.length, 0),
            stopped.signal,
          );
        })
        .catch((error: unknown) => recover(cluster, error))
        .finally(() => {
          busy.delete(line);
          feed();
        });
      busy.set(line, fetched);
    }
  }

  function paceOf(line: string): Pace {
    const pace = paces.get(line) ?? createPace(REST_MS_MAX, timing);
    paces.set(line, pace);
    return pace;
  }

  /**
   * Handles a failed fetch: a broker was lost or is no longer the leader. Refreshes the metadata to find the new
   * leader; a retryable failure is retried without a time limit.
   */
  async function recover(cluster: Cluster, error: unknown): Promise<void> {
    if (stopped.signal.aborted) return;
    if (isFinal(error)) {
      stopped.abort();
      onFailure(kafkaFailure(error, 'reading the log'));
      return;
    }
    await pause(failures++, stopped.signal, timing);
    if (stopped.signal.aborted) return;
    await answered('finding the leaders', cluster.refreshMetadata(), undefined, timing).catch(() => {});
  }

  return {
    feed,
    async stop() {
      stopped.abort();
      await Promise.all(busy.values());
    },
  };
}
