import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import type { Topic } from '../../model/topics.ts';
import type { TopicPartition } from '../../ports/event-log.ts';
import { brokerErrorType, kafkaFailure } from './kafka-failure.ts';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';
import { type TopicDurability, topicConfig } from './topic-durability.ts';
import { type FoundTopic, refuseWeakTopics, tooFewBrokers } from './weak-topics.ts';

/** The topics on the brokers, and the checks of their settings. */
export interface TopicCatalogue {
  topics(): Promise<readonly Topic[]>;
  /** @throws AppError `invalid_argument` if there is no such topic */
  partitionsOf(topic: string): Promise<number>;
  /** @throws AppError `invalid_argument` if there is no such topic or partition */
  checkPlace(at: TopicPartition): Promise<void>;
  declare(topics: readonly Topic[]): Promise<void>;
  close(): Promise<void>;
}

const KNOWN_MS = 5000;

export interface CatalogueOptions {
  /** `host:port` of some brokers, used in the commands that error messages suggest. */
  readonly bootstrap: readonly string[];
  readonly durability: TopicDurability;
  readonly timing?: Timing;
}

export function createTopicCatalogue(
  kafka: Kafka,
  { bootstrap, durability, timing }: CatalogueOptions,
): TopicCatalogue {
  const admin = kafka.admin();
  const known = new Map<string, number>();
  let connected: Promise<void> | undefined;

  function ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const attempt = async () => {
      connected ??= admin.connect();
      await connected.catch((error: unknown) => {
        connected = undefined;
        throw error;
      });
      return question(admin);
    };
    return retried(what, attempt, { timing });
  }

  async function find(names: readonly string[]): Promise<Map<string, Omit<FoundTopic, 'config'>>> {
    const { topics } = await ask('listing topics', (admin) => admin.fetchTopicMetadata());
    const found = topics.filter(({ name }) => names.includes(name));
    for (const { name, partitions } of found) known.set(name, partitions.length);
    return new Map(
      found.map(({ name, partitions }) => {
        const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
        return [name, { name, partitions: partitions.length, replicas }];
      }),
    );
  }

  async function aliveBrokers(): Promise<readonly number[]> {
    const { brokers } = await ask('finding the brokers', (admin) => admin.describeCluster());
    return brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b);
  }

  async function create(topics: readonly Topic[]): Promise<void> {
    const there = (await aliveBrokers()).length;
    if (there < durability.replicas) throw tooFewBrokers(there, durability);
    const configEntries = Object.entries(topicConfig(durability)).map(([name, value]) => ({ name, value }));
    const wanted = topics.map(({ name, partitions }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: durability.replicas,
      configEntries,
    }));
    try {
      // A topic that another process has created first is no error; it is checked like any other.
      await ask('creating topics', (admin) => admin.createTopics({ topics: wanted, waitForLeaders: true }));
    } catch (error) {
      // A broker was lost after the count.
      if (brokerErrorType(error) === 'INVALID_REPLICATION_FACTOR') throw tooFewBrokers(there - 1, durability);
      throw error;
    }
  }

  async function check(topics: readonly Topic[]): Promise<void> {
    const found = await find(topics.map(({ name }) => name));
    for (const { name, partitions } of topics) checkPartitions(name, partitions, found.get(name)?.partitions);
    const resources = topics.map(({ name }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }));
    const described = await ask('reading the configuration of topics', (admin) =>
      admin.describeConfigs({ resources, includeSynonyms: false }),
    );
    const configured = described.resources.map(({ resourceName, configEntries }) => ({
      ...found.get(resourceName)!,
      config: new Map(configEntries.map((entry) => [entry.configName, entry.configValue])),
    }));
    refuseWeakTopics(configured, durability, { bootstrap, brokers: await aliveBrokers() });
  }

  const catalogue: TopicCatalogue = {
    async topics() {
      const { topics } = await ask('listing topics', (admin) => admin.fetchTopicMetadata());
      return topics
        .filter(({ name }) => !name.startsWith('__'))
        .map(({ name, partitions }) => ({ name, partitions: partitions.length }));
    },
    async partitionsOf(topic) {
      const partitions = known.get(topic) ?? (await find([topic])).get(topic)?.partitions;
      if (partitions === undefined)
        throw new AppError('invalid_argument', `there is no topic ${topic}; declare it first`);
      return partitions;
    },
    async checkPlace({ topic, partition }) {
      const partitions = await catalogue.partitionsOf(topic);
      if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return;
      throw new AppError(
        'invalid_argument',
        `topic ${topic} has no partition ${partition}, only 0 to ${partitions - 1}`,
      );
    },
    async declare(topics) {
      if (topics.length === 0) return;
      const found = await find(topics.map(({ name }) => name));
      const missing = topics.filter(({ name }) => !found.has(name));
      if (missing.length > 0) await create(missing);
      // A broker may learn of a new topic a moment later than another. If that takes longer than this, the caller gets
      // the error.
      await retried('declaring topics', () => check(topics), { timing, tryMs: KNOWN_MS });
    },
    async close() {
      await connected?.catch(() => {});
      await admin.disconnect().catch((error: unknown) => {
        throw kafkaFailure(error, 'closing');
      });
    },
  };
  return catalogue;
}

function checkPartitions(topic: string, wanted: number, there: number | undefined): void {
  if (there === undefined) {
    throw new AppError('unavailable', `topic ${topic} was created and is not yet to be seen`, { retryable: true });
  }
  if (there === wanted) return;
  const remedy = 'they are fixed for life: delete the topic if it is empty, or use another cluster';
  throw new AppError('storage_incompatible', `topic ${topic} has ${there} partitions, not ${wanted}: ${remedy}`);
}
