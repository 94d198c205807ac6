import type { Broker, Cluster, GroupMemberAssignment, GroupState, GroupMember as JoinedMember, Kafka } from 'kafkajs';

/** Broker requests for group members. kafkajs implements them but leaves them out of its types. */
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
 * Returns kafkajs' connections to the brokers, without its consumer. The kafkajs consumer cannot read outside a group,
 * hands partitions over without asking, stops the whole group for each change, and fetches again only when the slowest
 * partition is done.
 * kafkajs gives its cluster to partition assigners; this is the only public way to obtain it.
 * Fetches use connections of their own.
 */
export function createCluster(kafka: Kafka): Cluster {
  let cluster: Cluster | undefined;
  kafka.consumer({
    groupId: 'unused',
    allowAutoTopicCreation: false,
    // This log has no transactions, so a reader never has to wait for one to commit.
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
