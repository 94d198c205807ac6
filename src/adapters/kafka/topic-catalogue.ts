import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import type { Topic } from '../../model/topics.ts';
import type { TopicPartition } from '../../ports/event-log.ts';
import { kafkaFailure } from './kafka-failure.ts';
import { BATCH_BYTES_MAX } from './record-batch.ts';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';

/** The topics there are, and what must hold of them. */
export interface TopicCatalogue {
  topics(): Promise<readonly Topic[]>;
  /** @throws AppError `invalid_argument` where there is no such topic */
  partitionsOf(topic: string): Promise<number>;
  /** @throws AppError `invalid_argument` where there is no such place */
  checkPlace(at: TopicPartition): Promise<void>;
  declare(topics: readonly Topic[]): Promise<void>;
  close(): Promise<void>;
}

const REQUIRED_CONFIG = {
  // Facts are kept for ever, so that a replay is possible and an acknowledged result is never lost.
  ...{ 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' },
  // kafkajs reads no compression but gzip. What another program has compressed, the broker then stores plain, so that it
  // can be refused instead of stopping its partition.
  'compression.type': 'uncompressed',
} as const;
const REPLICAS = 3;

export function createTopicCatalogue(kafka: Kafka, replicas = REPLICAS, timing?: Timing): TopicCatalogue {
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

  async function find(names: readonly string[]): Promise<Map<string, number>> {
    const { topics } = await ask('listing topics', (admin) => admin.fetchTopicMetadata());
    const found = topics.filter(({ name }) => names.includes(name));
    for (const { name, partitions } of found) known.set(name, partitions.length);
    return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
  }

  async function create(topics: readonly Topic[]): Promise<void> {
    const { brokers } = await ask('finding the brokers', (admin) => admin.describeCluster());
    const replicationFactor = Math.min(replicas, brokers.length);
    const config = {
      ...REQUIRED_CONFIG,
      'max.message.bytes': String(BATCH_BYTES_MAX),
      // With three copies two must have an event before it is acknowledged: any one broker may then be lost.
      'min.insync.replicas': replicationFactor >= 3 ? '2' : '1',
    };
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const wanted = topics.map(({ name, partitions }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries,
    }));
    // Topics that another process was faster to create are no error; they are checked like any other.
    await ask('creating topics', (admin) => admin.createTopics({ topics: wanted, waitForLeaders: true }));
  }

  async function check(topics: readonly Topic[]): Promise<void> {
    const found = await find(topics.map(({ name }) => name));
    for (const { name, partitions } of topics) {
      const there = found.get(name);
      if (there === undefined) {
        throw new AppError('unavailable', `topic ${name} was created and is not yet to be seen`, { retryable: true });
      }
      if (there !== partitions) {
        const remedy = 'they are fixed for life: delete the topic if it is empty, or use another cluster';
        throw new AppError(
          'storage_incompatible',
          `topic ${name} has ${there} partitions, not ${partitions}: ${remedy}`,
        );
      }
    }
    const resources = topics.map(({ name }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }));
    const described = await ask('reading the configuration of topics', (admin) =>
      admin.describeConfigs({ resources, includeSynonyms: false }),
    );
    for (const { resourceName, configEntries } of described.resources) {
      checkConfig(resourceName, new Map(configEntries.map((entry) => [entry.configName, entry.configValue])));
    }
  }

  const catalogue: TopicCatalogue = {
    async topics() {
      const { topics } = await ask('listing topics', (admin) => admin.fetchTopicMetadata());
      return topics
        .filter(({ name }) => !name.startsWith('__'))
        .map(({ name, partitions }) => ({ name, partitions: partitions.length }));
    },
    async partitionsOf(topic) {
      const partitions = known.get(topic) ?? (await find([topic])).get(topic);
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
      // A broker may learn of a new topic a moment later than another.
      await retried('declaring topics', () => check(topics), { timing });
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

function checkConfig(topic: string, config: ReadonlyMap<string, string>): void {
  const refuse = (name: string, is: string | undefined, value: string): never => {
    throw new AppError(
      'storage_incompatible',
      `topic ${topic} has ${name}=${is}, which would lose or refuse events; set it: ` +
        `kafka-configs.sh --alter --topic ${topic} --add-config ${name}=${value}`,
    );
  };
  for (const [name, value] of Object.entries(REQUIRED_CONFIG)) {
    if (config.get(name) !== value) refuse(name, config.get(name), value);
  }
  const bytesMax = config.get('max.message.bytes');
  if (Number(bytesMax) < BATCH_BYTES_MAX) refuse('max.message.bytes', bytesMax, String(BATCH_BYTES_MAX));
}
