import type { Cluster } from 'kafkajs';
import { expect, it } from 'vitest';
import { encodeEvent } from '../../../src/adapters/kafka/event-message.ts';
import { createGroupConsumer } from '../../../src/adapters/kafka/group-consumer.ts';
import type { GroupProtocol, Seat } from '../../../src/adapters/kafka/group-protocol.ts';
import { event } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';

const AT = { topic: 't', partition: 0 };

/** One partition with one event in it. */
function clusterOf(): Cluster {
  const message = { ...encodeEvent(event('a')), offset: '0' };
  const broker = {
    async fetch({ topics }: { topics: readonly { partitions: readonly { fetchOffset: string }[] }[] }) {
      const isNew = topics[0]!.partitions[0]!.fetchOffset === '0';
      if (!isNew) await new Promise((resolve) => setTimeout(resolve, 50));
      const partitions = [{ partition: 0, highWatermark: '1', messages: isNew ? [message] : [] }];
      return { responses: [{ topicName: AT.topic, partitions }] };
    },
  };
  return {
    findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
    findBroker: async () => broker,
    refreshMetadata: async () => {},
    disconnect: async () => {},
  } as unknown as Cluster;
}

/** A process that stood still for longer than its session: a frozen one, or one with a very long step. */
it('a member that was taken for dead while a batch was at work gives it up, and joins as a new one', async () => {
  const joins: string[] = [];
  const committed: Seat['memberId'][] = [];
  let isDead = false;
  const protocol: GroupProtocol = {
    async join({ memberId }, onMemberId) {
      joins.push(memberId);
      isDead = false;
      onMemberId(`m${joins.length}`);
      const coordinator = {} as Seat['coordinator'];
      return { coordinator, memberId: `m${joins.length}`, generation: 1, assigned: [AT] };
    },
    async heartbeat() {
      if (isDead) throw Object.assign(new Error('who are you?'), { type: 'UNKNOWN_MEMBER_ID' });
    },
    async commit({ memberId }) {
      committed.push(memberId);
    },
    leave: async () => {},
  };
  const cluster = clusterOf();
  const handled: number[] = [];
  let finishFirst = () => {};
  const parts = {
    protocol,
    clusters: { waiting: cluster, hurrying: cluster },
    committed: async () => [{ ...AT, offset: 0 }],
  };
  const { consumer } = createGroupConsumer(parts, {
    group: 'g',
    topics: [AT.topic],
    async onBatch({ records }) {
      handled.push(records.length);
      if (handled.length > 1) return;
      await new Promise<void>((resolve) => {
        finishFirst = resolve;
      });
    },
  });
  await eventually(() => handled.length === 1);
  isDead = true;
  // Two heartbeats: the loss has been noticed, nobody has a seat, and only then the batch at work ends.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  finishFirst();
  await eventually(() => handled.length === 2, 10_000);
  await eventually(() => committed.length === 1, 10_000);
  expect([joins, committed]).toEqual([['', ''], ['m2']]);
  await consumer.stop();
});
