import type { GroupMember, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { createDelivery, createEnding } from './delivery.ts';
import { createFeeder, type FeederClusters } from './feeder.ts';
import { placeKey } from './fetch.ts';
import type { RunningConsumer } from './follow.ts';
import type { GroupProtocol, Seat } from './group-protocol.ts';
import { brokerErrorType, isFinal, kafkaFailure } from './kafka-failure.ts';
import { pause } from './retried.ts';

/*
 * Invariants:
 * 1. What a member holds it claims at every join, from before its first batch until after `onRevoked` has resolved; the
 *    leader gives to nobody what another claims. So a partition never has two members, while a rebalance waits for no
 *    handler.
 * 2. While it joins, a member takes nothing new: what an earlier generation gave it may be another's in the next.
 * 3. Heartbeats are sent whatever the handlers do, and while the last ones finish.
 * 4. A member that the coordinator took for dead gives up all it held, commits nothing more of it, and joins as a new one.
 * 5. Partitions are given up and taken one change after another.
 */

/** What a member needs besides the brokers' answers. */
export interface GroupConsumerParts {
  readonly protocol: GroupProtocol;
  readonly clusters: FeederClusters;
  committed(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]>;
}

const HEARTBEAT_MS = 500;
/** A member that leaves while no coordinator answers gives up its last commits after so long. */
const LAST_COMMITS_MS_MAX = 10_000;
const LOST: ReadonlySet<string> = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

export function createGroupConsumer(parts: GroupConsumerParts, member: GroupMember) {
  const { protocol, clusters } = parts;
  const ending = createEnding();
  const seated = createEnding();
  const delivery = createDelivery(member, { commit, onHungry: () => feeder.feed(), onFailure: fail });
  const feeder = createFeeder(clusters, delivery, fail);
  const held = new Map<string, TopicPartition>();
  let wanted: readonly TopicPartition[] = [];
  let seat: Seat | undefined;
  let memberId = '';
  /** Counts how often all was lost (invariant 4). */
  let life = 0;
  let mustJoin = false;
  let wake = () => {};
  let changing = Promise.resolve();
  let leavingSince: number | undefined;
  let over = false;

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
        else if (type !== 'REBALANCE_IN_PROGRESS') {
          await pause(failures++);
          if (!over) await clusters.waiting.refreshMetadata().catch(() => {});
        }
      }
    }
  }

  async function join(): Promise<void> {
    mustJoin = false;
    wanted = wanted.filter((at) => held.has(placeKey(at)));
    const claim = { memberId, held: [...held.values()] };
    seat = await protocol.join(claim, (id) => {
      memberId = id;
    });
    wanted = leavingSince === undefined ? seat.assigned : [];
    void change();
  }

  async function stay(): Promise<void> {
    while (!mustJoin && !over) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, HEARTBEAT_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!mustJoin && !over) await protocol.heartbeat(seat!);
    }
  }

  async function loseAll(): Promise<void> {
    life++;
    [seat, memberId, wanted] = [undefined, '', []];
    await change();
  }

  function change(): Promise<void> {
    changing = changing.then(reconcile).catch(fail);
    return changing;
  }

  async function reconcile(): Promise<void> {
    const keep = new Set(wanted.map(placeKey));
    const lost = [...held.values()].filter((at) => !keep.has(placeKey(at)));
    if (lost.length > 0) {
      await delivery.remove(lost);
      await member.onRevoked?.(lost);
      for (const at of lost) held.delete(placeKey(at));
      // What was given up may now be given to another.
      mustJoin = true;
      wake();
    }
    const gained = wanted.filter((at) => !held.has(placeKey(at)));
    if (gained.length === 0 || over) return;
    for (const at of gained) held.set(placeKey(at), at);
    const starts = await parts.committed(gained);
    await member.onAssigned?.(starts);
    if (!over) delivery.add(starts);
  }

  async function commit(at: StartOffset): Promise<void> {
    const begun = life;
    for (let attempt = 0; begun === life && !over; attempt++) {
      try {
        if (seat) return await protocol.commit(seat, at);
      } catch (error) {
        if (isFinal(error)) throw kafkaFailure(error, `committing for group ${member.group}`);
      }
      // Refused in the midst of a rebalance, or no coordinator answers: what else is there to do than to wait?
      if (leavingSince !== undefined && performance.now() - leavingSince > LAST_COMMITS_MS_MAX) return;
      await pause(Math.min(attempt, 3));
    }
  }

  function fail(error: unknown): void {
    ending.reject(error instanceof Error ? error : kafkaFailure(error, `group ${member.group}`));
    void stop();
  }

  let stopping: Promise<void> | undefined;
  function stop(): Promise<void> {
    stopping ??= (async () => {
      leavingSince = performance.now();
      wanted = [];
      await change();
      over = true;
      wake();
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
      wake();
      // A join under way may connect once more.
      void running.then(() => clusters.waiting.disconnect());
      await feeder.stop();
    },
  };
  return { consumer, joined: Promise.race([seated.ended, ending.ended]) };
}
