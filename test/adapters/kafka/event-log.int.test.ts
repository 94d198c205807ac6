import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, ConfigResourceTypes, type Kafka } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { encodeEvent } from '../../../src/adapters/kafka/event-message.ts';
import { BATCH_BYTES_MAX, fitting, sized } from '../../../src/adapters/kafka/record-batch.ts';
import type { EventBatch, EventLog, TopicPartition } from '../../../src/ports/event-log.ts';
import { eventLogContract } from '../../contract/event-log.contract.ts';
import { collected, event, events, ids, idsOf } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describeWithKafka('event log on Kafka', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  const open = () => openKafkaEventLog({ brokers: cluster.brokers, clientId: 'elastream-test', replicas: 1 });

  beforeAll(async () => {
    cluster = await startKafkaCluster(1);
    kafka = new kafkajs.Kafka({ brokers: [...cluster.brokers], logLevel: kafkajs.logLevel.NOTHING });
  }, 400_000);
  afterAll(() => cluster?.stop());

  eventLogContract(async () => ({ open, remove: async () => {} }));

  describe('and what is particular to Kafka', () => {
    let log: EventLog;
    let admin: Admin;
    let topic: string;

    beforeEach(async () => {
      log = await open();
      admin = kafka.admin();
      await admin.connect();
      topic = `particular-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
    });
    afterEach(async () => {
      await Promise.all([log.close(), admin.disconnect()]);
    });

    const create = (config: Record<string, string>) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic,
            numPartitions: 2,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      });
    const readAll = async ({ partition }: Pick<TopicPartition, 'partition'>) =>
      collected(log.read([{ topic, partition, from: 0, to: (await log.endOffsets(topic))[partition]! }]));
    const declared = () => log.declare([{ name: topic, partitions: 2 }]);

    it('topics are made to keep everything', async () => {
      await declared();
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
      });
      const config = Object.fromEntries(resources[0]!.configEntries.map((one) => [one.configName, one.configValue]));
      expect(config).toMatchObject({
        'cleanup.policy': 'delete',
        'retention.ms': '-1',
        'retention.bytes': '-1',
        'compression.type': 'uncompressed',
        'min.insync.replicas': '1',
        'flush.messages': '1',
        'unclean.leader.election.enable': 'false',
      });
    });

    it.each([
      ['cleanup.policy', 'compact', 'delete'],
      ['retention.ms', '604800000', '-1'],
      ['retention.bytes', '1000000', '-1'],
      ['compression.type', 'snappy', 'uncompressed'],
      ['max.message.bytes', '1000', '1048588'],
      ['flush.messages', '10', '1'],
      ['message.timestamp.type', 'CreateTime', 'LogAppendTime'],
      ['unclean.leader.election.enable', 'true', 'false'],
    ])('a topic with %s=%s is refused, with the remedy', async (name, value, wanted) => {
      const sound = {
        ...{ 'retention.ms': '-1', 'compression.type': 'uncompressed', 'flush.messages': '1' },
        ...{ 'message.timestamp.type': 'LogAppendTime' },
      };
      await create({ ...sound, [name]: value });
      const problem = `${topic} has ${name}=${value}, not ${wanted}`;
      const remedy = `for topic in ${topic}; .+--add-config ${name}=${wanted}`;
      await expect(declared()).rejects.toMatchObject({
        code: 'storage_incompatible',
        message: expect.stringMatching(new RegExp(`${problem}\n[^]*${remedy}`)),
      });
    });

    it('a batch is filled to the last byte that the broker takes', async () => {
      await declared();
      // 999 events, and one that fills the batch.
      const small = events(999).map((one) => ({ ...one, traceparent: TRACEPARENT }));
      const last = (bytes: number) => event('last', { value: new Uint8Array(bytes) });
      const batchBytes = (bytes: number) => fitting([...small, last(bytes)].map(encodeEvent).map(sized), 2 ** 31).bytes;
      const room = BATCH_BYTES_MAX - batchBytes(500_000) + 500_000;
      expect(batchBytes(room)).toBe(BATCH_BYTES_MAX);
      await log.append({ topic, partition: 0 }, [...small, last(room)]);
      const producer = kafka.producer();
      await producer.connect();
      const send = (bytes: number) => {
        const messages = [...small, last(bytes)].map((one) => ({ ...encodeEvent(one), partition: 1 }));
        return producer.send({ topic, messages });
      };
      await send(room);
      await expect(send(room + 1)).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' });
      await producer.disconnect();
      expect(await log.endOffsets(topic)).toEqual([1000, 1000]);
      expect(idsOf(await readAll({ partition: 0 }))).toEqual([...ids(999), 'last']);
    });

    it('a topic that takes less than it did is given smaller batches; one event too large for it is named', async () => {
      await declared();
      const many = events(2000).map((one) => ({ ...one, value: new Uint8Array(2000) }));
      await log.append({ topic, partition: 0 }, many);
      const configEntries = [{ name: 'max.message.bytes', value: '100000' }];
      const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
      await admin.alterConfigs({ validateOnly: false, resources });
      await eventually(async () => {
        const large = event('large', { value: new Uint8Array(150_000) });
        return log.append({ topic, partition: 1 }, [large]).then(
          () => false,
          (error: Error) => error.message.includes('event large has 150'),
        );
      });
      await log.append({ topic, partition: 0 }, many);
      expect(idsOf(await readAll({ partition: 0 }))).toEqual([...ids(2000), ...ids(2000)]);
    });

    it.each([-48, 3, 48])('a node whose clock is %i hours off appends like any other', async (hours) => {
      await declared();
      const off = Date.now() + hours * 3_600_000;
      const clock = vi.spyOn(Date, 'now').mockImplementation(() => off);
      try {
        expect(await log.append({ topic, partition: 0 }, events(2))).toEqual([0, 1]);
      } finally {
        clock.mockRestore();
      }
      expect(idsOf(await readAll({ partition: 0 }))).toEqual(ids(2));
    });

    it('events are CloudEvents in binary mode', async () => {
      await declared();
      await log.append({ topic, partition: 1 }, [event('wire')]);
      const consumer = kafka.consumer({ groupId: topic });
      await consumer.subscribe({ topic, fromBeginning: true });
      const headers = await new Promise<Record<string, string>>((resolve) => {
        void consumer.run({
          eachMessage: async ({ message }) =>
            resolve(Object.fromEntries(Object.entries(message.headers!).map(([name, value]) => [name, String(value)]))),
        });
      });
      await consumer.disconnect();
      expect(headers).toEqual({
        ce_specversion: '1.0',
        ce_id: 'wire',
        ce_source: '/elastream/test',
        ce_type: 'org.example.Tested',
        ce_time: '2026-01-02T03:04:05.678Z',
        'content-type': 'application/protobuf',
        ce_checksum: expect.stringMatching(/^crc32:[0-9a-f]{8}$/),
      });
    });

    it('offsets may have gaps, at the end too: readers, followers and groups get past them', async () => {
      await declared();
      await log.append({ topic, partition: 0 }, events(2, 'a'));
      // A transaction leaves a mark of its own in the log, an offset without an event.
      const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      for (const id of ['b', 'c']) {
        const transaction = await producer.transaction();
        const headers = { ce_specversion: '1.0', ce_id: id, ce_source: 's', ce_type: 't', ce_time: 'z' };
        const message = { key: id, value: id, partition: 0, headers: { ...headers, 'content-type': 'x' } };
        await transaction.send({ topic, messages: [message] });
        await transaction.commit();
      }
      await producer.disconnect();
      await eventually(async () => (await log.endOffsets(topic))[0] === 6);
      const batches = await readAll({ partition: 0 });
      expect(batches.flatMap(({ records }) => records.map(({ id, offset }) => [id, offset]))).toEqual([
        ['a0', 0],
        ['a1', 1],
        ['b', 2],
        ['c', 4],
      ]);
      expect(batches.at(-1)!.next).toBe(6);
      const followed: EventBatch[] = [];
      const from = [{ topic, partition: 0, offset: 3 }];
      const follower = await log.follow({ from, onBatch: async (batch) => void followed.push(batch) });
      await eventually(() => idsOf(followed).join() === 'c');
      await follower.stop();
      const onBatch = async () => {};
      const consumer = await log.join({ group: topic, topics: [topic], onBatch });
      await eventually(async () => (await log.committedOffsets(topic, topic))[0] === 6);
      await consumer.stop();
    });

    it('what another program wrote comes without a type, and stops nobody', async () => {
      await declared();
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic, messages: [{ value: 'stray', partition: 1 }] });
      await producer.disconnect();
      await log.append({ topic, partition: 1 }, events(1));
      const types = (await readAll({ partition: 1 })).flatMap(({ records }) => records.map(({ type }) => type));
      expect(types).toEqual(['', event('e').type]);
      const consumer = await log.join({ group: topic, topics: [topic], onBatch: async () => {} });
      await eventually(async () => (await log.committedOffsets(topic, topic))[1] === 2);
      await consumer.stop();
    });

    it('members of the smaller kind get nothing, are told so, and take over when they are the only ones', async () => {
      await declared();
      const handled: string[] = [];
      const spare: string[] = [];
      const member = (name: string, kind: string) =>
        log.join({
          ...{ group: topic, topics: [topic], kind },
          async onBatch({ records }) {
            handled.push(...records.map(({ id }) => `${name} ${id}`));
          },
          onSpare: (working) => void spare.push(`${name}: ${working}`),
        });
      const old = [await member('a', 'old'), await member('b', 'old')];
      const newcomer = await member('c', 'new');
      const append = (id: string) =>
        Promise.all([0, 1].map((partition) => log.append({ topic, partition }, [event(`${id}${partition}`)])));
      await append('first');
      await eventually(() => handled.length === 2);
      expect(handled.filter((one) => one.startsWith('c'))).toEqual([]);
      expect([...new Set(spare)]).toEqual(['c: old']);
      await Promise.all(old.map((consumer) => consumer.stop()));
      await append('second');
      await eventually(() => handled.length === 4, 20_000);
      expect(handled.slice(2).sort()).toEqual(['c second0', 'c second1']);
      await newcomer.stop();
    });

    it('events that were deleted from the log are missed, not skipped', async () => {
      await declared();
      await log.append({ topic, partition: 0 }, events(5));
      // kafkajs deletes only in topics whose leaders it has asked for.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
      const lost = { code: 'storage_corrupt', message: expect.stringContaining(`${topic} partition 0 offset 0`) };
      await expect(readAll({ partition: 0 })).rejects.toMatchObject(lost);
      const consumer = await log.join({ group: topic, topics: [topic], onBatch: async () => {} });
      await expect(consumer.ended).rejects.toMatchObject(lost);
    });

    it('a handler that takes longer than a session keeps its partitions, and a rebalance does not wait for it', async () => {
      await declared();
      for (const partition of [0, 1]) await log.append({ topic, partition }, events(3, `${partition}-`));
      const revoked: TopicPartition[] = [];
      const handled: string[] = [];
      const slow = await log.join({
        group: topic,
        topics: [topic],
        onBatch: async ({ records }) => {
          await sleep(8000);
          handled.push(...records.map(({ id }) => id));
        },
        onRevoked: async (partitions) => void revoked.push(...partitions),
      });
      const first = handled.length;
      await sleep(1000);
      const quick: string[] = [];
      const began = performance.now();
      const other = await log.join({
        group: topic,
        topics: [topic],
        onBatch: async ({ records }) => void quick.push(...records.map(({ id }) => id)),
      });
      expect(performance.now() - began).toBeLessThan(4000);
      await eventually(() => handled.length + quick.length === 6, 30_000);
      expect([first, revoked.length]).toEqual([0, 1]);
      expect([...handled, ...quick].sort()).toEqual([...ids(3, '0-'), ...ids(3, '1-')]);
      await Promise.all([slow.stop(), other.stop()]);
    });

    it('many partitions at their end do not hold up one that is behind', async () => {
      await log.declare([{ name: topic, partitions: 16 }]);
      const count = 40_000;
      const value = new Uint8Array(200);
      const one = events(count).map((each) => ({ ...each, value }));
      await log.append({ topic, partition: 3 }, one);
      const from = Array.from({ length: 16 }, (_, partition) => ({ topic, partition, offset: 0 }));
      let handled = 0;
      const began = performance.now();
      const follower = await log.follow({
        from,
        onBatch: async ({ records }) => {
          handled += records.length;
        },
      });
      await eventually(() => handled === count);
      // Some 16 fetches: 4 s and more if each had to wait for the other partitions' 250 ms.
      expect(performance.now() - began).toBeLessThan(3500);
      await follower.stop();
    });
  });
});
