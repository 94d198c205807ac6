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
 * 1. A partition is in one fetch at a time.
 * 2. A fetch that may wait for events and one that need not go over connections of their own: a broker answers the
 *    requests of a connection one after another, so partitions at their end would hold up those that are behind.
 */

/** Fetches for a delivery what it is hungry for. */
export interface Feeder {
  /** Looks for hungry partitions. */
  feed(): void;
  /** Resolves when no fetch is under way and none will be. */
  stop(): Promise<void>;
}

export interface FeederClusters {
  readonly waiting: Cluster;
  readonly hurrying: Cluster;
}

/** An event that comes for a partition just handled is waited for this long: it is not in the fetch under way. */
const WAIT_MS = 250;
/**
 * So long waits who has found nothing again and again: each fetch names all partitions, and an idle cluster does little
 * else. kafkajs waits for a fetch under way before it disconnects: longer, and every end would take longer.
 */
const IDLE_WAIT_MS_MAX = 1000;
/** The longest rest between two fetches of a line while events trickle in. */
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
        // Before anything is offered: that may ask for more of it, over the other line.
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

  /** A broker was lost, or leads no longer: asks who does, and tries for as long as it takes. */
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
