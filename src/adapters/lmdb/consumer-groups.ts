import type { Consumer, Follower, GroupMember, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { createEnding, type Ending } from '../delivery/ending.ts';
import { placeKey } from '../delivery/place-key.ts';
import { createDelivery, type Delivery, type Feed } from './delivery.ts';

/*
 * Invariants:
 * 1. Per group, changes of the assignment run one after another.
 * 2. Within a change every loss is complete (last batch handled and committed, `onRevoked` resolved) before any gain
 *    begins. So a partition never has two members.
 * 3. Partition p of every topic goes to the same member.
 */

/** What consumer groups need from the log. */
export interface GroupFeed extends Feed {
  partitionsOf(topic: string): number;
  committedOffset(group: string, at: TopicPartition): number;
  commit(group: string, at: StartOffset): Promise<void>;
}

export interface ConsumerGroups {
  join(member: GroupMember): Promise<Consumer>;
  follow(follower: Follower): Consumer;
  wake(at: TopicPartition): void;
  /** Ends all consumers without waiting for their handlers. */
  abandon(): void;
}

interface Member {
  readonly options: GroupMember;
  readonly delivery: Delivery;
  readonly ending: Ending;
}

interface Group {
  members: readonly Member[];
  /** The end of the chain of changes (invariant 1). */
  changing: Promise<void>;
}

export function createConsumerGroups(feed: GroupFeed): ConsumerGroups {
  const groups = new Map<string, Group>();
  const active = new Map<Delivery, Ending>();

  function change(group: Group, members: (now: readonly Member[]) => readonly Member[]): Promise<void> {
    group.changing = group.changing.then(async () => {
      const before = group.members;
      group.members = members(before);
      const leaving = before.filter((member) => !group.members.includes(member));
      for (const member of [...leaving, ...group.members]) await lose(member, wanted(member, group.members));
      for (const member of group.members) await gain(member, wanted(member, group.members));
    });
    return group.changing;
  }

  /** Invariant 3: the member depends only on the partition's number. */
  function wanted(member: Member, members: readonly Member[]): readonly TopicPartition[] {
    return member.options.topics.flatMap((topic) => {
      const sharing = members.filter(({ options }) => options.topics.includes(topic));
      const partitions = [...Array(feed.partitionsOf(topic)).keys()];
      return partitions
        .filter((partition) => sharing[partition % sharing.length] === member)
        .map((partition) => ({ topic, partition }));
    });
  }

  async function lose({ delivery, options, ending }: Member, wanted: readonly TopicPartition[]): Promise<void> {
    const kept = new Set(wanted.map(placeKey));
    const lost = delivery.partitions().filter((at) => !kept.has(placeKey(at)));
    if (lost.length === 0) return;
    await delivery.remove(lost);
    await options.onRevoked?.(lost).catch(ending.reject);
  }

  async function gain(member: Member, wanted: readonly TopicPartition[]): Promise<void> {
    const { delivery, options } = member;
    if (!active.has(delivery)) return;
    const held = new Set(delivery.partitions().map(placeKey));
    const gained = wanted
      .filter((at) => !held.has(placeKey(at)))
      .map((at) => ({ ...at, offset: feed.committedOffset(options.group, at) }));
    if (gained.length === 0) return;
    try {
      await options.onAssigned?.(gained);
      if (active.has(delivery)) delivery.add(gained);
    } catch (error) {
      fail(member, error);
    }
  }

  /** Must not be awaited inside a change, because it starts the next change. */
  function leave(member: Member): Promise<void> {
    active.delete(member.delivery);
    const group = groups.get(member.options.group)!;
    return change(group, (now) => now.filter((other) => other !== member)).then(member.ending.resolve);
  }

  function fail(member: Member, error: unknown): void {
    member.ending.reject(error);
    void leave(member);
  }

  return {
    async join(options) {
      const ending = createEnding();
      const commit = (at: StartOffset) => feed.commit(options.group, at);
      const delivery = createDelivery(feed, options, commit, (error) => fail(member, error));
      const member: Member = { options, delivery, ending };
      active.set(delivery, ending);
      const group = groups.get(options.group) ?? { members: [], changing: Promise.resolve() };
      groups.set(options.group, group);
      await change(group, (now) => [...now, member]);
      return { stop: () => leave(member), ended: ending.ended };
    },
    follow(follower) {
      const ending = createEnding();
      const end = async () => {
        active.delete(delivery);
        await delivery.remove(delivery.partitions());
        ending.resolve();
      };
      const delivery = createDelivery(
        feed,
        follower,
        async () => {},
        (error) => {
          ending.reject(error);
          void end();
        },
      );
      active.set(delivery, ending);
      delivery.add(follower.from);
      return { stop: end, ended: ending.ended };
    },
    wake(at) {
      for (const delivery of active.keys()) delivery.wake(at);
    },
    abandon() {
      for (const [delivery, ending] of active) {
        delivery.abandon();
        ending.resolve();
      }
      active.clear();
    },
  };
}
