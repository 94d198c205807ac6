import type { TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';

/** What a member of a group says when it joins. */
export interface Claimant {
  readonly id: string;
  readonly topics: readonly string[];
  /** Empty where it does not matter. */
  readonly kind: string;
  /** What it holds and has not handed over. */
  readonly held: readonly TopicPartition[];
}

/**
 * The one kind of members that work: that of most; of equally many, the one that holds most, so that nothing moves that
 * need not.
 */
export function workingKind(claimants: readonly Claimant[]): string {
  const kinds = new Map<string, { members: number; held: number }>();
  for (const { kind, held } of claimants) {
    const of = kinds.get(kind) ?? { members: 0, held: 0 };
    kinds.set(kind, { members: of.members + 1, held: of.held + held.length });
  }
  const byWeight = [...kinds].sort(([a, x], [b, y]) => y.members - x.members || y.held - x.held || (a < b ? -1 : 1));
  return byWeight[0]?.[0] ?? '';
}

/**
 * Who gets which partitions: only members of the working kind get any. Partition p of all topics that members consume alike goes to the same member; shares differ
 * by one at most; nothing moves that need not. What another member still holds is given to nobody now, but when that
 * one has handed it over and joins again (as in Kafka's KIP-429): no partition ever has two members, and the group goes
 * on working while partitions move.
 */
export function assignPartitions(
  claimants: readonly Claimant[],
  partitionsOf: (topic: string) => number,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const kind = workingKind(claimants);
  const members = claimants.filter((one) => one.kind === kind).sort((a, b) => (a.id < b.id ? -1 : 1));
  const holders = new Map<string, Set<string>>();
  for (const { id, held } of claimants) {
    for (const at of held) holders.set(placeKey(at), (holders.get(placeKey(at)) ?? new Set()).add(id));
  }
  const given = new Map(claimants.map(({ id }) => [id, [] as TopicPartition[]]));
  for (const { topics, ids } of topicsByMembers(members)) {
    const partitions = Math.max(...topics.map(partitionsOf));
    const holderOf = (partition: number) =>
      ids.find((id) => topics.some((topic) => holders.get(placeKey({ topic, partition }))?.has(id)));
    const shares = share(partitions, ids, holderOf);
    for (const topic of topics) {
      for (let partition = 0; partition < partitionsOf(topic); partition++) {
        const id = shares[partition]!;
        const held = holders.get(placeKey({ topic, partition }));
        if (held === undefined || (held.size === 1 && held.has(id))) given.get(id)!.push({ topic, partition });
      }
    }
  }
  return given;
}

/** Topics that the same members consume, with these members. */
function topicsByMembers(members: readonly Claimant[]): { topics: string[]; ids: string[] }[] {
  const groups = new Map<string, { topics: string[]; ids: string[] }>();
  for (const topic of [...new Set(members.flatMap(({ topics }) => topics))].sort()) {
    const ids = members.filter(({ topics }) => topics.includes(topic)).map(({ id }) => id);
    const group = groups.get(ids.join()) ?? { topics: [], ids };
    group.topics.push(topic);
    groups.set(ids.join(), group);
  }
  return [...groups.values()];
}

/** Per partition number its member: the present holder up to its fair share, then whoever has fewest. */
function share(
  partitions: number,
  ids: readonly string[],
  holderOf: (partition: number) => string | undefined,
): string[] {
  const least = Math.floor(partitions / ids.length);
  let extra = partitions % ids.length;
  const counts = new Map(ids.map((id) => [id, 0]));
  const shares: string[] = [];
  const give = (partition: number, id: string): boolean => {
    const count = counts.get(id)!;
    if (count > least || (count === least && extra === 0)) return false;
    if (count === least) extra--;
    counts.set(id, count + 1);
    shares[partition] = id;
    return true;
  };
  const free: number[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const holder = holderOf(partition);
    if (holder === undefined || !give(partition, holder)) free.push(partition);
  }
  for (const partition of free) {
    const fewest = ids.reduce((best, id) => (counts.get(id)! < counts.get(best)! ? id : best));
    give(partition, fewest);
  }
  return shares;
}
