import type { TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';

/** What a group member sends when it joins. */
export interface Claimant {
  readonly id: string;
  readonly topics: readonly string[];
  /** Empty if the members do not differ in kind. */
  readonly kind: string;
  /** Partitions that the member holds and has not handed over yet. */
  readonly held: readonly TopicPartition[];
}

/**
 * Returns the kind of members that may work: the kind with the most members. If two kinds have equally many members,
 * the kind that holds more partitions wins, so that as few partitions as possible move.
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
 * Assigns partitions to members. Only members of the working kind get partitions.
 * If the same members consume several topics, partition p of all these topics goes to the same member. The shares
 * differ by at most one partition. A partition moves only if the balance requires it.
 * A partition that another member still holds is assigned to nobody in this generation. It is assigned after that
 * member has handed it over and has joined again (cooperative rebalancing, as in Kafka's KIP-429). So a partition never
 * has two members, and the group keeps working during a rebalance.
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

/** Groups the topics by the set of members that consume them. */
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

/**
 * Returns the member of each partition number. The present holder keeps a partition up to its fair share; each
 * remaining partition goes to the member that has the fewest.
 */
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
