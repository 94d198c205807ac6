import type { Cluster } from 'kafkajs';
import { answered } from './answered.ts';
import type { GroupProtocol, Seat } from './group-protocol.ts';
import type { Holdings } from './holdings.ts';
import { brokerErrorType, isFinal } from './kafka-failure.ts';
import { pause } from './retried.ts';
import type { Timing } from './timing.ts';

/*
 * Invariants:
 * 1. A member claims the partitions that it holds at every join, from before their first batch until `onRevoked` has
 *    resolved. The leader assigns a claimed partition to nobody else. So a partition never has two members, and a
 *    rebalance never waits for a handler.
 * 2. While a member joins, it takes no new partitions: a partition that an earlier generation assigned to it may belong
 *    to another member in the next generation.
 * 3. The member sends heartbeats while handlers run, also while the last handlers finish.
 * 4. If the coordinator has removed a member as dead, the member gives up all its partitions and joins as a new member.
 */

/** A member's place in its group: it joins, sends heartbeats, and joins again after every change. */
export interface Membership {
  /** The member's place in the present generation; undefined before the first join and after the member was removed. */
  seat(): Seat | undefined;
  /** Number of times that the coordinator removed this member; undefined while its partitions are given up. */
  life(): number | undefined;
  joinAgain(): void;
  /** Takes no partitions at later joins. */
  takeNothing(): void;
  isOver(): boolean;
  /** Ends without leaving the group. Resolves when no request is under way. */
  end(): Promise<void>;
}

export interface MembershipParts {
  readonly protocol: GroupProtocol;
  /** Connections to refresh when the coordinator may have moved. */
  readonly cluster: Cluster;
  readonly timing: Timing;
  onSeated(): void;
  onFailure(error: unknown): void;
}

const HEARTBEAT_MS = 500;
const LOST: ReadonlySet<string> = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

export function startMembership(parts: MembershipParts, holdings: Holdings): Membership {
  const { protocol, cluster, timing } = parts;
  const alarm = createAlarm(timing);
  let seat: Seat | undefined;
  let memberId = '';
  let life = 0;
  let [isGivingUp, mustJoin, takesNothing, over] = [false, false, false, false];

  async function run(): Promise<void> {
    for (let failures = 0; !over; ) {
      try {
        await join();
        failures = 0;
        parts.onSeated();
        await stay();
      } catch (error) {
        if (over) return;
        const type = brokerErrorType(error);
        if (LOST.has(type)) await loseAll();
        else if (isFinal(error)) return parts.onFailure(error);
        else if (type !== 'REBALANCE_IN_PROGRESS') await lookAround(cluster, failures++, timing);
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
    void holdings.want(takesNothing ? [] : seat.assigned);
  }

  async function stay(): Promise<void> {
    while (!mustJoin && !over) {
      await alarm.wait(HEARTBEAT_MS);
      if (!mustJoin && !over) await protocol.heartbeat(seat!);
    }
  }

  async function loseAll(): Promise<void> {
    life++;
    [seat, memberId] = [undefined, ''];
    isGivingUp = true;
    await holdings.want([]);
    isGivingUp = false;
  }

  const running = run();
  return {
    seat: () => seat,
    life: () => (isGivingUp ? undefined : life),
    joinAgain() {
      mustJoin = true;
      alarm.ring();
    },
    takeNothing() {
      takesNothing = true;
    },
    isOver: () => over,
    end() {
      over = true;
      alarm.ring();
      return running;
    },
  };
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
