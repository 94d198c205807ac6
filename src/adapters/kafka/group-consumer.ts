import type { Cluster } from 'kafkajs';
import type { GroupMember, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { createEnding } from '../delivery/ending.ts';
import { answered } from './answered.ts';
import { createDelivery } from './delivery.ts';
import { createFeeder, type FeederClusters } from './feeder.ts';
import type { RunningConsumer } from './follow.ts';
import type { GroupProtocol, Seat } from './group-protocol.ts';
import { createHoldings } from './holdings.ts';
import { brokerErrorType, isFinal, kafkaFailure } from './kafka-failure.ts';
import { pause } from './retried.ts';
import { systemTiming, type Timing } from './timing.ts';

/*
 * Invariants:
 * 1. A member claims the partitions that it holds at every join, from before their first batch until `onRevoked` has
 *    resolved. The leader assigns a claimed partition to nobody else. So a partition never has two members, and a
 *    rebalance never waits for a handler.
 * 2. While a member joins, it takes no new partitions: a partition that an earlier generation assigned to it may belong
 *    to another member in the next generation.
 * 3. The member sends heartbeats while handlers run, also while the last handlers finish.
 * 4. If the coordinator has removed a member as dead, the member gives up all its partitions, commits nothing more for
 *    them, and joins as a new member. It must not wait for such a commit: the commit would wait for the next seat, and
 *    the next seat would wait for the commit.
 */

/** What a group consumer is built from. */
export interface GroupConsumerParts {
  readonly protocol: GroupProtocol;
  readonly clusters: FeederClusters;
  committed(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]>;
  readonly timing?: Timing;
}

const HEARTBEAT_MS = 500;
/** Time limit for the last commits of a member that leaves while no coordinator answers. */
const LAST_COMMITS_MS_MAX = 10_000;
const LOST: ReadonlySet<string> = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

export function createGroupConsumer(parts: GroupConsumerParts, member: GroupMember) {
  const { protocol, clusters, timing = systemTiming } = parts;
  const [ending, seated] = [createEnding(), createEnding()];
  const delivery = createDelivery(member, { commit, onHungry: () => feeder.feed(), onFailure: fail });
  const feeder = createFeeder(clusters, delivery, fail, timing);
  const change = { committed: parts.committed, onGivenUp: joinAgain, onFailure: fail, isOver: () => over };
  const holdings = createHoldings({ ...change, delivery }, member);
  const alarm = createAlarm(timing);
  let seat: Seat | undefined;
  let memberId = '';
  /** Number of times the member lost all its partitions (invariant 4). */
  let life = 0;
  let [isGivingUp, mustJoin, over] = [false, false, false];
  let leavingSince: number | undefined;

  async function run(): Promise<void> {
    for (let failures = 0; !over; ) {
      try {
        await join();
        failures = 0;
        seated.resolve();
        await stay();
      } catch (error) {
        if (over) return;
        const type = brokerErrorType(error);
        if (LOST.has(type)) await loseAll();
        else if (isFinal(error)) return fail(error);
        else if (type !== 'REBALANCE_IN_PROGRESS') await lookAround(clusters.waiting, failures++, timing);
      }
    }
  }

  async function join(): Promise<void> {
    mustJoin = false;
    holdings.takeNothingMore();
    const claim = { memberId, held: holdings.held() };
    seat = await protocol.join(claim, (id) => {
      memberId = id;
    });
    void holdings.want(leavingSince === undefined ? seat.assigned : []);
  }

  async function stay(): Promise<void> {
    while (!mustJoin && !over) {
      await alarm.wait(HEARTBEAT_MS);
      if (!mustJoin && !over) await protocol.heartbeat(seat!);
    }
  }

  function joinAgain(): void {
    mustJoin = true;
    alarm.ring();
  }

  async function loseAll(): Promise<void> {
    life++;
    [seat, memberId] = [undefined, ''];
    isGivingUp = true;
    await holdings.want([]);
    isGivingUp = false;
  }

  async function commit(at: StartOffset): Promise<void> {
    const begun = isGivingUp ? undefined : life; // 4
    let broken: Seat | undefined;
    for (let attempt = 0; begun === life && !over; attempt++) {
      const used = seat;
      try {
        if (used && used !== broken) return await protocol.commit(used, at);
      } catch (error) {
        if (isFinal(error)) throw kafkaFailure(error, `committing for group ${member.group}`);
        // The connection was lost. kafkajs would open one connection per waiting request and leave all but one open. So
        // the old seat is not used again, and the member joins again.
        if (brokerErrorType(error) === '') broken = used;
        if (broken && broken === seat) joinAgain();
      }
      // A rebalance is under way or no coordinator answers: retry after a pause.
      if (leavingSince !== undefined && timing.now() - leavingSince > LAST_COMMITS_MS_MAX) return;
      await pause(Math.min(attempt, 3), undefined, timing);
    }
  }

  function fail(error: unknown): void {
    ending.reject(error instanceof Error ? error : kafkaFailure(error, `group ${member.group}`));
    void stop();
  }

  let stopping: Promise<void> | undefined;
  function stop(): Promise<void> {
    stopping ??= (async () => {
      leavingSince = timing.now();
      await holdings.want([]);
      over = true;
      alarm.ring();
      await running;
      if (seat) await protocol.leave(seat).catch(() => {});
      await feeder.stop();
      ending.resolve();
    })();
    return stopping;
  }

  const running = run();
  const consumer: RunningConsumer = {
    stop,
    ended: ending.ended,
    async abandon() {
      over = true;
      delivery.abandon();
      ending.resolve();
      alarm.ring();
      // A join that is under way may open another connection.
      void running.then(() => clusters.waiting.disconnect());
      await feeder.stop();
    },
  };
  return { consumer, joined: Promise.race([seated.ended, ending.ended]) };
}

/** Waits after the n-th consecutive failure, then refreshes the metadata, since the coordinator may have moved. */
async function lookAround(cluster: Cluster, failures: number, timing: Timing): Promise<void> {
  await pause(failures, undefined, timing);
  await answered('finding the coordinator', cluster.refreshMetadata(), undefined, timing).catch(() => {});
}

/** A wait that `ring` ends early. */
function createAlarm(timing: Timing) {
  let ringing = new AbortController();
  return {
    ring: () => ringing.abort(),
    wait(ms: number): Promise<void> {
      ringing = new AbortController();
      return timing.sleep(ms, ringing.signal);
    },
  };
}
