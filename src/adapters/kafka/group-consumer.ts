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
 * 1. What a member holds it claims at every join, from before its first batch until after `onRevoked` has resolved; the
 *    leader gives to nobody what another claims. So a partition never has two members, while a rebalance waits for no
 *    handler.
 * 2. While it joins, a member takes nothing new: what an earlier generation gave it may be another's in the next.
 * 3. Heartbeats are sent whatever the handlers do, and while the last ones finish.
 * 4. A member that the coordinator took for dead gives up all it held, commits nothing more of it, and joins as a new one.
 *    A commit of what was at work then would wait for a seat, and the next seat for it.
 */

/** What a member needs besides the brokers' answers. */
export interface GroupConsumerParts {
  readonly protocol: GroupProtocol;
  readonly clusters: FeederClusters;
  committed(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]>;
  readonly timing?: Timing;
}

const HEARTBEAT_MS = 500;
/** A member that leaves while no coordinator answers gives up its last commits after so long. */
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
  /** Counts how often all was lost (invariant 4). */
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
        // The connection was lost. kafkajs would connect once for each request that waits, and leave all but one open.
        if (brokerErrorType(error) === '') broken = used;
        if (broken && broken === seat) joinAgain();
      }
      // Refused in the midst of a rebalance, or no coordinator answers: what else is there to do than to wait?
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
      // A join under way may connect once more.
      void running.then(() => clusters.waiting.disconnect());
      await feeder.stop();
    },
  };
  return { consumer, joined: Promise.race([seated.ended, ending.ended]) };
}

/** After a failure, the n-th in a row: the cluster may have changed. */
async function lookAround(cluster: Cluster, failures: number, timing: Timing): Promise<void> {
  await pause(failures, undefined, timing);
  await answered('finding the coordinator', cluster.refreshMetadata(), undefined, timing).catch(() => {});
}

/** A wait that can be cut short. */
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
