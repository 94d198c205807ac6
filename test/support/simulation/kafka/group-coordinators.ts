import { murmur2 } from '../../../../src/model/partitioner.ts';
import { type BrokerError, CODES } from './broker-errors.ts';
import { OFFSETS_TOPIC } from './broker-topics.ts';
import type { StoredBatch } from './replica-log.ts';
import type { Asked, ClusterView, PerTopic, RequestHandlers } from './request-handlers.ts';
import { createSimulatedGroup, type JoinRequest, type SimulatedGroup } from './simulated-group.ts';

/*
 * Invariants:
 * 1. The coordinator of a group is the broker that leads the group's partition of the offsets topic; other brokers
 *    refuse.
 * 2. A commit is an append to that partition: it is answered, and becomes visible, when all in-sync replicas have it.
 */

export interface GroupCoordinators {
  readonly handlers: RequestHandlers;
  /** Call it after elections: a group whose coordinator has moved starts again at the new one. */
  follow(): void;
  committedOffset(group: string, topic: string, partition: number): number;
}

interface GroupParams {
  readonly groupId: string;
  readonly memberId: string;
}
interface GenerationParams extends GroupParams {
  readonly groupGenerationId: number;
}
interface SyncParams extends GroupParams {
  readonly generationId: number;
  readonly groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[];
}
interface CommitParams extends GenerationParams {
  readonly topics: readonly PerTopic<{ readonly partition: number; readonly offset: string }>[];
}

/** The folded content of a partition of the offsets topic. */
interface Folded {
  last: StoredBatch | undefined;
  count: number;
  readonly offsets: Map<string, string>;
}

const APPEND_MS_MAX = 5000;

export function createGroupCoordinators(
  { clock, topics, address }: ClusterView,
  onExpelled: (group: string, memberId: string) => void,
): GroupCoordinators {
  const groups = new Map<string, { readonly group: SimulatedGroup; coordinator: number }>();
  const folded = new Map<number, Folded>();
  let members = 0;

  const partitionOf = (groupId: string) =>
    (murmur2(Buffer.from(groupId)) >>> 0) % topics.partitionsOf(OFFSETS_TOPIC)!.length;
  const stateOf = (groupId: string) => topics.partition(OFFSETS_TOPIC, partitionOf(groupId))!;

  async function store(groupId: string, broker: number, value: object): Promise<BrokerError> {
    const message = { key: Buffer.from(groupId), value: Buffer.from(JSON.stringify(value)), headers: {} };
    const { error } = await stateOf(groupId).append(broker, [message], undefined, APPEND_MS_MAX);
    // Translated as brokers do it.
    if (error === 'NONE') return error;
    return error === 'NOT_LEADER_FOR_PARTITION' ? 'NOT_COORDINATOR_FOR_GROUP' : 'GROUP_COORDINATOR_NOT_AVAILABLE';
  }

  /** The committed offsets in that partition of the offsets topic, by group, topic and partition. */
  function offsetsIn(partition: number): ReadonlyMap<string, string> {
    const state = topics.partition(OFFSETS_TOPIC, partition)!;
    if (state.leader() < 0) return new Map();
    const { batches } = state.log(state.leader());
    let known = folded.get(partition) ?? { last: undefined, count: 0, offsets: new Map() };
    // A new leader may lack what an earlier leader had: fold again from the beginning.
    if (known.count > 0 && batches[known.count - 1] !== known.last)
      known = { last: undefined, count: 0, offsets: new Map() };
    for (; known.count < batches.length && batches[known.count]!.base < state.highWatermark(); known.count++) {
      known.last = batches[known.count]!;
      const { key, value } = known.last.messages[0]!;
      for (const [place, offset] of Object.entries(JSON.parse(String(value)))) {
        known.offsets.set(`${key} ${place}`, String(offset));
      }
    }
    folded.set(partition, known);
    return known.offsets;
  }

  function groupAt(groupId: string, broker: number): SimulatedGroup | undefined {
    if (stateOf(groupId).leader() !== broker) return undefined; // 1
    const found = groups.get(groupId);
    if (found) return found.group;
    const group = createSimulatedGroup({
      clock,
      newMemberId: () => `member-${++members}`,
      persist: () => store(groupId, stateOf(groupId).leader(), {}),
      onExpelled: (memberId) => onExpelled(groupId, memberId),
    });
    groups.set(groupId, { group, coordinator: broker });
    return group;
  }

  const NOT_MINE = { errorCode: CODES.NOT_COORDINATOR_FOR_GROUP };

  async function joinGroup({ broker }: Asked, params: JoinRequest): Promise<object> {
    const group = groupAt(params.groupId, broker);
    if (!group) return { ...NOT_MINE, members: [] };
    const { error, ...joined } = await group.join(params);
    return { errorCode: CODES[error], ...joined };
  }

  async function commit({ broker }: Asked, params: CommitParams): Promise<object> {
    const { groupId, memberId, groupGenerationId, topics: asked } = params;
    let error = groupAt(groupId, broker)?.mayCommit(memberId, groupGenerationId) ?? 'NOT_COORDINATOR_FOR_GROUP';
    const places = asked.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic} ${partition}`, offset] as const),
    );
    if (error === 'NONE') error = await store(groupId, broker, Object.fromEntries(places)); // 2
    const responses = asked.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode: CODES[error] })),
    }));
    return { responses };
  }

  async function offsetFetch({ broker }: Asked, { groupId, topics: asked }: CommitParams): Promise<object> {
    if (stateOf(groupId).leader() !== broker) return { ...NOT_MINE, responses: [] };
    if (stateOf(groupId).isSettling()) return { errorCode: CODES.GROUP_LOAD_IN_PROGRESS, responses: [] };
    const offsets = offsetsIn(partitionOf(groupId));
    const responses = asked.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => {
        const offset = offsets.get(`${groupId} ${topic} ${partition}`) ?? '-1';
        return { partition, offset, metadata: '', errorCode: 0 };
      }),
    }));
    return { errorCode: 0, responses };
  }

  return {
    handlers: {
      GroupCoordinator: async (_, { groupId }: GroupParams) => {
        const nodeId = stateOf(groupId).leader();
        const error = nodeId < 0 ? 'GROUP_COORDINATOR_NOT_AVAILABLE' : 'NONE';
        const place = nodeId < 0 ? { host: '', port: -1 } : address(nodeId);
        return { errorCode: CODES[error], errorMessage: null, coordinator: { nodeId, ...place } };
      },
      JoinGroup: joinGroup,
      SyncGroup: async ({ broker }, { groupId, memberId, generationId, groupAssignment }: SyncParams) => {
        const assignments = new Map(groupAssignment.map((one) => [one.memberId, one.memberAssignment]));
        const synced = await groupAt(groupId, broker)?.sync(memberId, generationId, assignments);
        return synced ? { errorCode: CODES[synced.error], memberAssignment: synced.memberAssignment } : NOT_MINE;
      },
      Heartbeat: async ({ broker }, { groupId, memberId, groupGenerationId }: GenerationParams) => {
        const error = groupAt(groupId, broker)?.heartbeat(memberId, groupGenerationId);
        return { errorCode: CODES[error ?? 'NOT_COORDINATOR_FOR_GROUP'] };
      },
      LeaveGroup: async ({ broker }, { groupId, memberId }: GroupParams) => {
        const group = groupAt(groupId, broker);
        const errorCode = group ? CODES[group.leave(memberId)] : 0;
        return { errorCode: group ? 0 : NOT_MINE.errorCode, members: [{ memberId, groupInstanceId: null, errorCode }] };
      },
      OffsetCommit: commit,
      OffsetFetch: offsetFetch,
    },
    follow() {
      for (const [groupId, entry] of groups) {
        const coordinator = stateOf(groupId).leader();
        if (coordinator === entry.coordinator || coordinator < 0) continue;
        entry.coordinator = coordinator;
        entry.group.move();
      }
    },
    committedOffset: (group, topic, partition) =>
      Number(offsetsIn(partitionOf(group)).get(`${group} ${topic} ${partition}`) ?? 0),
  };
}
