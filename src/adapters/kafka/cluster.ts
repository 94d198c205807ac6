import type { Broker, Cluster, GroupMemberAssignment, GroupState, GroupMember as JoinedMember, Kafka } from 'kafkajs';

/** What kafkajs' brokers can do for members of a group, and its types leave out. */
export interface Coordinator extends Broker {
  joinGroup(request: {
    groupId: string;
    memberId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    groupProtocols: readonly GroupState[];
  }): Promise<{ generationId: number; leaderId: string; memberId: string; members: JoinedMember[] }>;
  syncGroup(request: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: readonly GroupMemberAssignment[];
  }): Promise<{ memberAssignment: Buffer }>;
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}

/**
 * kafkajs' connections to the brokers, without its consumer. That one reads nothing outside a group, hands partitions
 * over without asking, stops the whole group for each change, and fetches on only when the slowest partition is done.
 * It shows its cluster to partition assigners: the one public way to it. Fetches have a connection of their own.
 */
export function createCluster(kafka: Kafka): Cluster {
  let cluster: Cluster | undefined;
  kafka.consumer({
    groupId: 'unused',
    allowAutoTopicCreation: false,
    // There are no transactions in this log: nothing to wait for.
    readUncommitted: true,
    partitionAssigners: [
      (given) => {
        cluster = given.cluster;
        return {
          name: 'unused',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: '', metadata: NO_BYTES }),
        };
      },
    ],
  });
  return cluster!;
}

const NO_BYTES = Buffer.alloc(0);
