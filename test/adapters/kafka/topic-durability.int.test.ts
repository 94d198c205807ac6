import { join } from 'node:path';
import kafkajs, { type Admin, ConfigResourceTypes } from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import type { TopicDurability } from '../../../src/adapters/kafka/topic-durability.ts';
import { builtProgram } from '../../support/cli.ts';
import { startServiceProcess } from '../../support/cluster/service-process.ts';
import { eventually } from '../../support/eventually.ts';
import { brokerCommands } from '../../support/kafka/broker-commands.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';

const MAIN = join(builtProgram(), 'services/featurization/main.js');
const WEAK = { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true', 'retention.ms': '60000' };
/** Commands of a refusal: what stands alone in its lines below the last heading. */
const COMMAND = /^ {2}((?:awk|kafka-|for ).+)$/gm;

/** Guarantee 1: what may be lost is a setting, and does not depend on who was alive when topics were made. */
describeWithKafka(
  'three brokers, one of them dead at the first start',
  () => {
    const scratch = scratchDirectory();
    let cluster: KafkaCluster;
    let admin: Admin;
    beforeAll(async () => {
      cluster = await startKafkaCluster(3, { absent: [2] });
      admin = new kafkajs.Kafka({ brokers: [...cluster.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
      await admin.connect();
    }, 400_000);
    afterAll(async () => {
      await admin?.disconnect();
      await cluster?.stop();
      await scratch.remove();
    });

    const declared = async (topic: string, durability: Partial<TopicDurability> = {}) => {
      const log = await openKafkaEventLog({ brokers: cluster.brokers, clientId: 'test', ...durability });
      await log.declare([{ name: topic, partitions: 4 }]).finally(() => log.close());
    };
    const replicasOf = async (topic: string) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]!.partitions.map(({ replicas }) => replicas.length);
    };
    const settingsOf = async (topic: string, ...names: string[]) => {
      const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: names }];
      const described = await admin.describeConfigs({ includeSynonyms: false, resources });
      return Object.fromEntries(described.resources[0]!.configEntries.map((one) => [one.configName, one.configValue]));
    };
    const create = (topic: string, replicationFactor: number, config: Readonly<Record<string, string>>) => {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      const topics = [{ topic, numPartitions: 4, replicationFactor, configEntries }];
      return admin.createTopics({ waitForLeaders: true, topics });
    };
    let service: ReturnType<typeof startServiceProcess> | undefined;
    afterEach(() => service?.signal('SIGKILL'));

    it('are waited for, by the log and by a service, which says how many are there; then topics have three copies', async () => {
      await expect(declared('early')).rejects.toMatchObject({
        code: 'unavailable',
        retryable: true,
        message: expect.stringMatching(/^2 of 3 brokers are there, .*start the others, or .*KAFKA_REPLICAS=2/),
      });
      service = startServiceProcess(MAIN, { KAFKA_BROKERS: cluster.brokers.join(',') });
      await service.said('waiting for topics');
      expect(service.lines().at(-1)!.err!.message).toMatch(/^2 of 3 brokers are there/);
      expect(await admin.listTopics()).toEqual([]);
      await cluster.restart(2);
      await service.said('ready');
      const topics = (await admin.listTopics()).filter((name) => name.startsWith('elastream.'));
      expect(topics.length).toBeGreaterThan(8);
      for (const topic of topics) {
        expect(new Set(await replicasOf(topic))).toEqual(new Set([3]));
        expect(await settingsOf(topic, 'min.insync.replicas')).toEqual({ 'min.insync.replicas': '2' });
      }
    }, 120_000);

    it('may die again: a start does not need them once topics are made', async () => {
      await declared('whole');
      await cluster.kill(2);
      await eventually(async () => (await admin.describeCluster()).brokers.length === 2, 30_000);
      await declared('whole');
      await cluster.restart(2);
    }, 120_000);

    it('refuse weaker topics, with commands that mend them', async () => {
      await create('weak-a', 1, { ...WEAK, 'compression.type': 'uncompressed' });
      await create('weak-b', 2, { 'retention.ms': '-1', 'compression.type': 'uncompressed' });
      const log = await openKafkaEventLog({ brokers: cluster.brokers, clientId: 'test', flush: true });
      const start = () => log.declare(['weak-a', 'weak-b'].map((name) => ({ name, partitions: 4 })));
      const refusal = await start().catch((error: unknown) => error as Error & { code: string });
      expect(refusal).toMatchObject({ code: 'storage_incompatible' });
      const { message } = refusal as Error;
      for (const problem of [
        ...['weak-a has replicas=1, not 3', 'weak-b has replicas=2, not 3', 'weak-a has retention.ms=60000, not -1'],
        ...['weak-a has min.insync.replicas=1, not 2', 'weak-a has unclean.leader.election.enable=true, not false'],
        ...['weak-b has flush.messages=9223372036854775807, not 1', 'KAFKA_REPLICAS=1'],
      ]) {
        expect(message).toContain(problem);
      }
      const run = await brokerCommands(scratch.path);
      for (const [, command] of message.matchAll(COMMAND)) await run(command!);
      await start();
      await log.close();
      for (const topic of ['weak-a', 'weak-b']) {
        expect(await replicasOf(topic)).toEqual([3, 3, 3, 3]);
        const wanted = { 'min.insync.replicas': '2', 'flush.messages': '1', 'retention.ms': '-1' };
        expect(await settingsOf(topic, ...Object.keys(wanted))).toEqual(wanted);
      }
    }, 120_000);

    it('make topics with fewer copies only for who says so', async () => {
      await declared('one', { replicas: 1 });
      const wanted = { 'min.insync.replicas': '1', 'flush.messages': '1' };
      expect([await replicasOf('one'), await settingsOf('one', ...Object.keys(wanted))]).toEqual([
        [1, 1, 1, 1],
        wanted,
      ]);
      await expect(declared('one')).rejects.toMatchObject({ code: 'storage_incompatible' });
      await declared('one', { replicas: 1 });
    });
  },
  { ownBrokers: true },
);
