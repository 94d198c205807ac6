import type { Consumer, Follower } from '../../ports/event-log.ts';
import { createEnding } from '../delivery/ending.ts';
import { createDelivery } from './delivery.ts';
import { createFeeder, type FeederClusters } from './feeder.ts';
import type { Timing } from './timing.ts';

/** A consumer that `close` can end without waiting for its handler. */
export interface RunningConsumer extends Consumer {
  abandon(): Promise<void>;
}

/** Consumes all events of partitions, without a consumer group and without commits. */
export function follow(clusters: FeederClusters, follower: Follower, timing?: Timing): RunningConsumer {
  const ending = createEnding();
  const delivery = createDelivery(follower, { commit: async () => {}, onHungry: () => feeder.feed(), onFailure: fail });
  const feeder = createFeeder(clusters, delivery, fail, timing);

  async function stop(): Promise<void> {
    await Promise.all([delivery.remove(delivery.partitions()), feeder.stop()]);
    ending.resolve();
  }

  function fail(error: unknown): void {
    ending.reject(error);
    void stop();
  }

  delivery.add(follower.from);
  return {
    stop,
    ended: ending.ended,
    async abandon() {
      delivery.abandon();
      ending.resolve();
      await feeder.stop();
    },
  };
}
