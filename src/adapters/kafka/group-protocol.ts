import { AssignerProtocol, type Assignment, type Cluster, type GroupMember, type GroupMemberAssignment } from 'kafkajs';
import type { GroupMember as Joining, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { answered } from './answered.ts';
import { assignPartitions, type Claimant, workingKind } from './assignment.ts';
import type { Coordinator } from './cluster.ts';
import { createJointCommits } from './joint-commits.ts';
import type { Timing } from './timing.ts';

/** A member's place in its group, valid until the next rebalance. */
export interface Seat {
  readonly coordinator: Coordinator;
  readonly memberId: string;
  readonly generation: number;
  readonly assigned: readonly TopicPartition[];
}

interface Claim {
  /** Empty for a new member. */
  readonly memberId: string;
  readonly held: readonly TopicPartition[];
}

/**
 * Kafka's group protocol for one group and one set of topics. `heartbeat`, `commit` and `leave` are each one request at
 * most.
 */
export interface GroupProtocol {
  /**
   * Joins the group. `onMemberId` is called before the rebalance is complete, so that a member that gives up can still
   * leave.
   */
  join(claim: Claim, onMemberId: (id: string) => void): Promise<Seat>;
  heartbeat(seat: Seat): Promise<void>;
  commit(seat: Seat, at: StartOffset): Promise<void>;
  leave(seat: Seat): Promise<void>;
}

/** Session timeout: the coordinator frees a dead member's partitions after this time. */
const SESSION_MS = 6000;
/**
 * Rebalance timeout. Members join at once, even while their handlers run, so it only limits how long a dead member
 * delays a rebalance.
 */
const REBALANCE_MS_MAX = 10_000;
/** Protocol name. The broker refuses members that use another assignment protocol. */
const PROTOCOL = 'elastream-co-partitioned';
const { MemberMetadata, MemberAssignment } = AssignerProtocol;

export function createGroupProtocol(
  cluster: Cluster,
  { group: groupId, topics, kind = '', onSpare }: Pick<Joining, 'group' | 'topics' | 'kind' | 'onSpare'>,
  partitionsOf: (topic: string) => Promise<number>,
  timing?: Timing,
): GroupProtocol {
  const asked = <T>(what: string, asking: Promise<T>) =>
    answered(`${what} group ${groupId}`, asking, undefined, timing);
  return {
    async join({ memberId, held }, onMemberId) {
      const found = await asked('finding the coordinator of', cluster.findGroupCoordinator({ groupId }));
      const coordinator = found as Coordinator;
      const metadata = MemberMetadata.encode({ version: 0, topics: [...topics], userData: encodePlaces(held, kind) });
      const joining = coordinator.joinGroup({
        groupId,
        memberId,
        sessionTimeout: SESSION_MS,
        rebalanceTimeout: REBALANCE_MS_MAX,
        groupProtocols: [{ name: PROTOCOL, metadata }],
      });
      const joined = await asked('joining', joining);
      onMemberId(joined.memberId);
      const { memberId: id, generationId: generation, leaderId, members } = joined;
      // Only the leader receives the list of members; it assigns partitions for the whole group.
      const groupAssignment = leaderId === id ? await assign(members.map(claimant), partitionsOf) : [];
      const syncing = coordinator.syncGroup({ groupId, generationId: generation, memberId: id, groupAssignment });
      const synced = await asked('joining', syncing);
      const { places: assigned, kind: working } = decodePlaces(synced.memberAssignment);
      if (working !== kind) onSpare?.(working);
      return { coordinator, memberId: id, generation, assigned };
    },
    async heartbeat({ coordinator, memberId, generation }) {
      const beating = coordinator.heartbeat({ groupId, groupGenerationId: generation, memberId });
      await asked('staying in', beating);
    },
    commit: createJointCommits(async ({ coordinator, memberId, generation }: Seat, places) => {
      const topics = [...new Set(places.map(({ topic }) => topic))].map((topic) => ({
        topic,
        partitions: places
          .filter((at) => at.topic === topic)
          .map(({ partition, offset }) => ({ partition, offset: String(offset) })),
      }));
      const committing = coordinator.offsetCommit({ groupId, groupGenerationId: generation, memberId, topics });
      await asked('committing for', committing);
    }, timing),
    async leave({ coordinator, memberId }) {
      await asked('leaving', coordinator.leaveGroup({ groupId, memberId }));
    },
  };
}

async function assign(
  claimants: readonly Claimant[],
  partitionsOf: (topic: string) => Promise<number>,
): Promise<GroupMemberAssignment[]> {
  const topics = [...new Set(claimants.flatMap(({ topics }) => topics))];
  const partitions = new Map<string, number>();
  for (const topic of topics) partitions.set(topic, await partitionsOf(topic));
  const shares = assignPartitions(claimants, (topic) => partitions.get(topic)!);
  const kind = workingKind(claimants);
  return [...shares].map(([memberId, places]) => ({ memberId, memberAssignment: encodePlaces(places, kind) }));
}

function claimant({ memberId, memberMetadata }: GroupMember): Claimant {
  const { topics, userData } = MemberMetadata.decode(memberMetadata)!;
  const { places: held, kind } = decodePlaces(userData);
  return { id: memberId, topics, kind, held };
}

function encodePlaces(places: readonly TopicPartition[], kind: string): Buffer {
  const assignment: Assignment = {};
  for (const { topic, partition } of places) assignment[topic] = [...(assignment[topic] ?? []), partition];
  return MemberAssignment.encode({ version: 0, assignment, userData: Buffer.from(kind) });
}

function decodePlaces(bytes: Buffer): { places: readonly TopicPartition[]; kind: string } {
  const decoded = MemberAssignment.decode(bytes);
  const places = Object.entries(decoded?.assignment ?? {}).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
  return { places, kind: decoded?.userData.toString() ?? '' };
}
