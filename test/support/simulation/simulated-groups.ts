import { placeKey } from '../../../src/adapters/delivery/place-key.ts';
import type {
  Consumer,
  EventBatch,
  Follower,
  GroupMember,
  StartOffset,
  TopicPartition,
} from '../../../src/ports/event-log.ts';
import type { Life } from './life.ts';
import {
  createSimulatedConsumer,
  createSimulatedFollower,
  createSimulatedMember,
  type SimulatedMember,
} from './simulated-member.ts';
import type { StoredLog } from './stored-log.ts';
import type { Surroundings } from './surroundings.ts';

/*
 * Invariants, exactly the promises 4 and 5 of src/ports/event-log.ts and nothing stronger:
 * 1. A group changes its assignments one after the other.
 * 2. Within a change, every loss is complete (last batch handled and committed, onRevoked resolved) before any gain
 *    begins, unless the losing member died or was declared dead: then others gain while its handler may still be
 *    running.
 * 3. A member that was declared dead comes back only after its running handlers have ended, so that a member never has
 *    two batches of a partition at the same time.
 * 4. Partition p of every topic goes to the same member.
 */

export interface SimulatedGroups {
  /** `register` takes the function that abandons the consumer. */
  join(life: Life, options: GroupMember, register: (abandon: () => void) => void): Promise<Consumer>;
  follow(life: Life, follower: Follower, register: (abandon: () => void) => void): Consumer;
  /** There are new events at this place. */
  wake(at: TopicPartition): void;
}

interface Group {
  members: readonly SimulatedMember[];
  /** The end of the chain of changes (1). */
  changing: Promise<void>;
  /** Rotates the partitions among the members. */
  turn: number;
  /** A rebalance is due and has not begun. */
  rebalanceDue: boolean;
}

/** A member that needs longer to hand over its partitions is declared dead. */
const HANDOVER_MS_MAX = 60_000;

export function createSimulatedGroups(around: Surroundings, stored: StoredLog): SimulatedGroups {
  const groups = new Map<string, Group>();
  const consumers = new Set<Pick<SimulatedMember, 'delivery'>>();
  const random = around.random.fork('groups');
  const feed = {
    endOffset: stored.endOffset,
    batchFrom: (at: TopicPartition, from: number, recordsMax: number, bytesMax?: number) => {
      const fewer = around.strikes('batchCut') ? 1 + random.int(Math.min(recordsMax, 5)) : recordsMax;
      return stored.batchFrom(at, from, fewer, bytesMax);
    },
  };

  function groupOf({ group: name }: GroupMember): Group {
    const group = groups.get(name) ?? { members: [], changing: Promise.resolve(), turn: 0, rebalanceDue: false };
    groups.set(name, group);
    return group;
  }

  /** With `anew`, even a member that keeps a partition loses it first. */
  function change(
    group: Group,
    edit: (now: readonly SimulatedMember[]) => readonly SimulatedMember[],
    anew = false,
  ): Promise<void> {
    group.changing = group.changing.then(async () => {
      const before = group.members;
      group.members = edit(before);
      const all = [...new Set([...before, ...group.members])];
      await Promise.all(all.map((member) => lose(group, member, anew ? [] : wanted(member, group))));
      await Promise.all(group.members.map((member) => gain(member, wanted(member, group))));
    });
    return group.changing;
  }

  function wanted(member: SimulatedMember, { members, turn }: Group): readonly TopicPartition[] {
    return member.options.topics.flatMap((topic) => {
      const sharing = members.filter(({ options }) => options.topics.includes(topic));
      return [...Array(stored.partitionsOf(topic)).keys()]
        .filter((partition) => sharing[(partition + turn) % sharing.length] === member) // 4
        .map((partition) => ({ topic, partition }));
    });
  }

  async function lose(group: Group, member: SimulatedMember, wanted: readonly TopicPartition[]): Promise<void> {
    const kept = new Set(wanted.map(placeKey));
    const lost = member.delivery.partitions().filter((at) => !kept.has(placeKey(at)));
    if (lost.length === 0 || member.abandoned()) return;
    const impatience = new AbortController();
    const handingOver = member.delivery.remove(lost).then(() => revoke(member, lost));
    const tooLate = around.clock.sleep(HANDOVER_MS_MAX, impatience.signal).then(() => 'too late');
    const outcome = await Promise.race([handingOver, tooLate, member.gone]);
    impatience.abort();
    if (outcome !== 'too late') return;
    group.members = group.members.filter((other) => other !== member);
    takeForDead(group, member, handingOver);
  }

  async function revoke(member: SimulatedMember, lost: readonly TopicPartition[]): Promise<void> {
    if (member.abandoned() || lost.length === 0) return;
    around.tell(member.life.who, `${member.options.group} lost ${named(lost)}`);
    await member.options.onRevoked?.(lost).catch((error) => fail(member, error));
  }

  async function gain(member: SimulatedMember, wanted: readonly TopicPartition[]): Promise<void> {
    if (member.left) return;
    const { delivery, options, stale } = member;
    const held = new Set(delivery.partitions().map(placeKey));
    const gained = wanted
      .filter((at) => !held.has(placeKey(at)))
      .map((at) => ({ ...at, offset: stored.committedOffset(options.group, at) }));
    if (gained.length === 0) return;
    for (const at of gained) stale.delete(placeKey(at));
    around.tell(member.life.who, `${options.group} got ${named(gained)}`);
    try {
      await Promise.race([options.onAssigned?.(gained), member.gone]);
      if (!member.left) delivery.add(gained);
    } catch (error) {
      fail(member, error);
    }
  }

  function fail(member: SimulatedMember, error: unknown): void {
    around.tell(member.life.who, `${member.options.group} failed: ${error}`);
    member.ending.reject(error);
    void leave(member);
  }

  async function leave(member: SimulatedMember): Promise<void> {
    member.left = true;
    await change(groupOf(member.options), (now) => now.filter((other) => other !== member));
    await Promise.allSettled(member.atWork);
    consumers.delete(member);
    member.ending.resolve();
  }

  /** `handingOver` is a handover that already runs, so that the member is not told twice about the same loss. */
  function takeForDead(group: Group, member: SimulatedMember, handingOver?: Promise<void>): void {
    const lost = member.delivery.partitions();
    member.cutOff();
    void Promise.allSettled(member.atWork) // 3
      .then(() => Promise.race([handingOver, member.gone]))
      .then(() => revoke(member, lost))
      .then(() => change(group, (now) => (member.left ? now : [...now, member])));
  }

  function expel(member: SimulatedMember): void {
    const group = groupOf(member.options);
    void change(group, (now) => {
      if (!now.includes(member) || member.left) return now;
      takeForDead(group, member);
      return now.filter((other) => other !== member);
    });
  }

  function rebalance({ options }: SimulatedMember): void {
    const group = groupOf(options);
    group.turn = random.int(1000);
    // As with brokers, rebalances that are due together become one: otherwise a leaving member would wait behind all of
    // them.
    if (group.rebalanceDue) return;
    group.rebalanceDue = true;
    const begin = (now: readonly SimulatedMember[]) => {
      group.rebalanceDue = false;
      return now;
    };
    void change(group, begin, true);
  }

  function later(action: () => void): void {
    void around.clock.sleep(random.int(5000)).then(action);
  }

  function commit(member: SimulatedMember, at: StartOffset): void {
    const { stale, options, life } = member;
    if (stale.has(placeKey(at))) return;
    if (around.strikes('deliveryDoubled')) {
      stale.add(placeKey(at));
      rebalance(member);
      return;
    }
    const lost = around.strikes('commitLost');
    if (!lost) {
      stored.commit(options.group, at);
      around.tell(life.who, `${options.group} commits ${placeKey(at)} ${at.offset}`);
    }
    if (lost || around.strikes('rebalance')) later(() => rebalance(member));
  }

  const fate = {
    commit,
    onFailure: fail,
    onBatch(member: SimulatedMember, batch: EventBatch) {
      around.tell(member.life.who, `${member.options.group} handles ${placeKey(batch)} to ${batch.next}`);
      if (around.strikes('memberExpelled')) later(() => expel(member));
    },
  };

  return {
    async join(life, options, register) {
      const group = groupOf(options);
      const member = createSimulatedMember(around, feed, life, options, fate);
      consumers.add(member);
      register(() => {
        if (member.abandoned()) return;
        member.abandon();
        consumers.delete(member);
        // The group notices it only later.
        void around.pause().then(() => change(group, (now) => now.filter((other) => other !== member)));
      });
      await change(group, (now) => (member.left ? now : [...now, member]));
      return createSimulatedConsumer(life, () => leave(member), member.ending);
    },
    follow(life, options, register) {
      const follower = createSimulatedFollower(around, feed, life, options);
      consumers.add(follower);
      register(() => {
        follower.abandon();
        consumers.delete(follower);
      });
      return follower.consumer;
    },
    wake(at) {
      // Each consumer is woken at another time: of two partitions written one after the other, it may see the later one
      // first.
      for (const consumer of consumers) void around.pause().then(() => consumer.delivery.wake(at));
    },
  };
}

function named(partitions: readonly TopicPartition[]): string {
  return partitions.map(placeKey).join(', ');
}
