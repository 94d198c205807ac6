import type { GroupMember, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { createEnding } from '../delivery/ending.ts';
import { createDelivery } from './delivery.ts';
import { createFeeder, type FeederClusters } from './feeder.ts';
import type { RunningConsumer } from './follow.ts';
import type { GroupProtocol } from './group-protocol.ts';
import { createHoldings } from './holdings.ts';
import { kafkaFailure } from './kafka-failure.ts';
import { createMemberCommits } from './member-commits.ts';
import { startMembership } from './membership.ts';
import { systemTiming, type Timing } from './timing.ts';

/** What a group consumer is built from. */
export interface GroupConsumerParts {
  readonly protocol: GroupProtocol;
  readonly clusters: FeederClusters;
  committed(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]>;
  readonly timing?: Timing;
}

/**
 * A consumer of a group: the membership gets partitions assigned, the holdings take and give them up, the feeder fetches
 * for the delivery, and the delivery hands batches to the member and commits them.
 */
export function createGroupConsumer(parts: GroupConsumerParts, member: GroupMember) {
  const { protocol, clusters, committed, timing = systemTiming } = parts;
  const [ending, seated] = [createEnding(), createEnding()];
  const commits = createMemberCommits({ protocol, group: member.group, timing, membership: () => membership });
  const delivery = createDelivery(member, {
    commit: commits.commit,
    onHungry: () => feeder.feed(),
    onFailure: fail,
  });
  const feeder = createFeeder(clusters, delivery, fail, timing);
  const holdings = createHoldings(
    {
      delivery,
      committed,
      onGivenUp: () => membership.joinAgain(),
      onFailure: fail,
      isOver: () => membership.isOver(),
    },
    member,
  );
  const membership = startMembership(
    { protocol, cluster: clusters.waiting, timing, onSeated: seated.resolve, onFailure: fail },
    holdings,
  );

  function fail(error: unknown): void {
    ending.reject(error instanceof Error ? error : kafkaFailure(error, `group ${member.group}`));
    void stop();
  }

  let stopping: Promise<void> | undefined;
  function stop(): Promise<void> {
    stopping ??= (async () => {
      commits.leave();
      membership.takeNothing();
      await holdings.want([]);
      await membership.end();
      const seat = membership.seat();
      if (seat) await protocol.leave(seat).catch(() => {});
      await feeder.stop();
      ending.resolve();
    })();
    return stopping;
  }

  const consumer: RunningConsumer = {
    stop,
    ended: ending.ended,
    async abandon() {
      const ended = membership.end();
      delivery.abandon();
      ending.resolve();
      // A join that is under way may open another connection.
      void ended.then(() => clusters.waiting.disconnect());
      await feeder.stop();
    },
  };
  return { consumer, joined: Promise.race([seated.ended, ending.ended]) };
}
