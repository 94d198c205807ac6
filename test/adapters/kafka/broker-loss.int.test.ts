import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Broker, type Cluster, type ConsumerConfig, type Kafka } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { createCluster } from '../../../src/adapters/kafka/cluster.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { encodeEvent } from '../../../src/adapters/kafka/event-message.ts';
import { createProduceSession, type ProducerIdentity } from '../../../src/adapters/kafka/produce-session.ts';
import { createEventProducer } from '../../../src/adapters/kafka/producer.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import { collected, event, events, idsOf } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';

/** `npm run kafka-loss` kills ten. */
const KILLS = Number(process.env.KAFKA_KILLS ?? 2);
const PARTITIONS = 9;
const CALM_MS = 2000;

describeWithKafka(
  'three brokers',
  () => {
    let cluster: KafkaCluster;
    let kafka: Kafka;
    let log: EventLog;

    beforeAll(async () => {
      cluster = await startKafkaCluster(3);
      kafka = impatient(cluster.brokers);
      log = await openKafkaEventLog({ brokers: cluster.brokers, clientId: 'elastream-test' });
    }, 400_000);
    afterAll(async () => {
      await log?.close();
      await cluster?.stop();
    });

    const stored = async (topic: string, partition: number) => {
      const to = (await log.endOffsets(topic))[partition]!;
      return idsOf(await collected(log.read([{ topic, partition, from: 0, to }])));
    };

    it(
      `killed ${KILLS} times in turn, lose nothing acknowledged, keep the order, and a group gets all of it`,
      async () => {
        const topic = 'loss';
        await log.declare([{ name: topic, partitions: PARTITIONS }]);
        const delivered = Array.from({ length: PARTITIONS }, () => new Set<string>());
        const consumer = await log.join({
          group: 'loss',
          topics: [topic],
          onBatch: async ({ partition, records }) => {
            for (const { id } of records) delivered[partition]!.add(id);
          },
        });
        let writing = true;
        const acknowledged = await Promise.all([
          ...Array.from({ length: PARTITIONS }, (_, partition) => write(log, topic, partition, () => writing)),
          killInTurn(cluster).finally(() => {
            writing = false;
          }),
        ]);
        expect(acknowledged.length).toBe(PARTITIONS + 1);
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const ids = acknowledged[partition]!;
          expect(ids.length).toBeGreaterThan(100);
          // Every append was awaited and none rejected: what is there is what was acknowledged, once and in order.
          expect(await stored(topic, partition)).toEqual(ids);
          await eventually(() => delivered[partition]!.size === ids.length, 30_000);
          expect([...delivered[partition]!]).toEqual(ids);
        }
        await consumer.stop();
        process.stderr.write(`${KILLS} kills: ${acknowledged.flat().length} events acknowledged, none lost\n`);
      },
      60_000 + KILLS * 40_000,
    );

    it('lose an acknowledged message that kafkajs sent to two partitions at once, and none that we append', async () => {
      // Partition 0 is led by broker 0; partition 1 by broker 1 and, once that one is lost, by broker 0.
      const storedAfterLoss = async (topic: string, send: (partitions: readonly number[]) => Promise<unknown>) => {
        await createTopic(kafka, topic, [
          [0, 2],
          [1, 0],
        ]);
        for (const partition of [0, 1]) await send([partition]);
        await cluster.freeze(1);
        const sent = send([0, 1]);
        await eventually(async () => (await end(kafka, topic, 0)) === 2);
        await cluster.kill(1);
        await sent;
        await cluster.restart(1);
        return Promise.all([end(kafka, topic, 0), end(kafka, topic, 1)]);
      };
      const producer = kafka.producer({ idempotent: true, createPartitioner: () => asChosen });
      await producer.connect();
      const bare = (partitions: readonly number[]) =>
        producer.send({ topic: 'bare', messages: partitions.map((partition) => ({ value: 'x', partition })) });
      const ours = createEventProducer(kafka);
      const append = (partitions: readonly number[]) =>
        Promise.all(partitions.map((partition) => ours.append({ topic: 'ours', partition }, [message])));
      try {
        expect(await storedAfterLoss('bare', bare)).toEqual([2, 1]);
        expect(await storedAfterLoss('ours', append)).toEqual([2, 2]);
      } finally {
        await Promise.all([producer.disconnect(), ours.close()]);
      }
    }, 120_000);

    it('drop what kafkajs sends after a send() that failed, and nothing of ours', async () => {
      /** The broker stores the first one, and its answer comes too late. */
      const sendLate = async (send: () => Promise<unknown>) => {
        await cluster.freeze(2);
        await expect(send()).rejects.toThrow();
        cluster.thaw(2);
      };
      await createTopic(kafka, 'bare-late', [[2]]);
      await createTopic(kafka, 'ours-late', [[2]]);
      const producer = kafka.producer({ idempotent: true, retry: ONE_RETRY, createPartitioner: () => asChosen });
      const ours = createEventProducer(kafka, { tryMs: 0 });
      const bare = () => producer.send({ topic: 'bare-late', messages: [{ value: 'x', partition: 0 }] });
      const append = () => ours.append({ topic: 'ours-late', partition: 0 }, [message]);
      await producer.connect();
      try {
        for (const [topic, send, kept] of [
          ['bare-late', bare, 2],
          ['ours-late', append, 3],
        ] as const) {
          await send();
          await sendLate(send);
          await eventually(async () => (await end(kafka, topic, 0)) === 2);
          await send();
          expect(await end(kafka, topic, 0)).toBe(kept);
        }
      } finally {
        await Promise.all([producer.disconnect(), ours.close()]);
      }
    }, 60_000);

    it('are sent the same again by a new producer where they have lost count of the old one', async () => {
      const identities: ProducerIdentity[] = [];
      const ours = createEventProducer(noting(kafka, identities), { tryMs: 0 });
      await createTopic(kafka, 'out-of-order', [[2]]);
      const at = { topic: 'out-of-order', partition: 0 };
      const append = (count: number) => ours.append(at, Array(count).fill(message));
      const brokers = createCluster(kafka);
      try {
        await append(1);
        // Behind the adapter's back: who goes by its name repeats the first message, then takes the next three numbers.
        await brokers.connect();
        const other = createProduceSession(brokers, identities[0]!);
        for (const count of [1, 3]) await other.send({ ...at, messages: Array(count).fill(message), bytes: 0 });
        expect(await end(kafka, 'out-of-order', 0)).toBe(4);
        expect(await append(2)).toEqual([4, 5]);
        expect(identities.length).toBe(2);
      } finally {
        await Promise.all([ours.close(), brokers.disconnect()]);
      }
    }, 60_000);
  },
  { ownBrokers: true },
);

const message = encodeEvent(event('one'));
const ONE_RETRY = { retries: 1, initialRetryTime: 50 };
const asChosen = ({ message }: { message: { partition?: number } }) => message.partition!;

/** The same, but that it notes the identities which its producers are given. */
function noting(kafka: Kafka, identities: ProducerIdentity[]): Kafka {
  const watch = (cluster: Cluster) => {
    const find = cluster.findControllerBroker.bind(cluster);
    cluster.findControllerBroker = async () => {
      const broker = (await find()) as Broker & { initProducerId(request: object): Promise<ProducerIdentity> };
      const initProducerId = async (request: object) => {
        identities.push(await broker.initProducerId(request));
        return identities.at(-1)!;
      };
      return Object.assign(Object.create(broker), { initProducerId });
    };
  };
  const consumer = ({ partitionAssigners = [], ...config }: ConsumerConfig) =>
    kafka.consumer({
      ...config,
      partitionAssigners: partitionAssigners.map((assigner) => (given) => {
        watch(given.cluster);
        return assigner(given);
      }),
    });
  return { consumer } as Kafka;
}

/** Gives up on a frozen broker after two seconds. */
function impatient(brokers: readonly string[]): Kafka {
  return new kafkajs.Kafka({
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: 2000,
    requestTimeout: 2000,
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1000 },
  });
}

/** Appends one small batch after another, each awaited; returns the ids of all that was acknowledged. */
async function write(log: EventLog, topic: string, partition: number, goOn: () => boolean): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; goOn(); n++) {
    const batch = events(1 + (n % 5), `${partition}-${n}-`);
    await log.append({ topic, partition }, batch);
    ids.push(...batch.map(({ id }) => id));
  }
  return ids;
}

async function killInTurn(cluster: KafkaCluster): Promise<string[]> {
  await sleep(CALM_MS);
  for (let kill = 0; kill < KILLS; kill++) {
    await cluster.kill(kill % 3);
    await sleep(CALM_MS);
    await cluster.restart(kill % 3);
    await sleep(CALM_MS / 2);
  }
  return [];
}

async function createTopic(kafka: Kafka, topic: string, replicas: readonly (readonly number[])[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const replicaAssignment = replicas.map((brokers, partition) => ({ partition, replicas: [...brokers] }));
  await admin.createTopics({ topics: [{ topic, replicaAssignment }], waitForLeaders: true });
  await admin.disconnect();
}

/** Asks the partition's leader only: another broker may be frozen. */
async function end(kafka: Kafka, topic: string, partition: number): Promise<number> {
  const brokers = createCluster(kafka);
  await brokers.connect();
  await brokers.addMultipleTargetTopics([topic]);
  const [found] = await brokers.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: false }]);
  await brokers.disconnect();
  return Number(found!.partitions[0]!.offset);
}
