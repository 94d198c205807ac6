import kafkajs, { type Cluster, type Kafka, type KafkaConfig } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import { eventBytes } from '../../model/event-record.ts';
import type { EventLog, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { clientConfig, type KafkaOptions } from './client-config.ts';
import { createCluster } from './cluster.ts';
import { encodeEvent } from './event-message.ts';
import type { FeederClusters } from './feeder.ts';
import { follow, type RunningConsumer } from './follow.ts';
import { createGroupConsumer } from './group-consumer.ts';
import { createGroupProtocol } from './group-protocol.ts';
import { createLogOffsets } from './log-offsets.ts';
import { createEventProducer } from './producer.ts';
import { readRanges } from './range-reader.ts';
import { retried } from './retried.ts';
import { systemTiming, type Timing } from './timing.ts';
import { createTopicCatalogue } from './topic-catalogue.ts';
import { topicDurability } from './topic-durability.ts';

/**
 * The caller who opens the log learns quickly that no broker answers. A log that is already open waits out a failover.
 */
const OPEN_MS = 3000;

/** Time and Kafka client, replaceable so that a simulation can control them. */
export interface KafkaSurroundings {
  readonly timing: Timing;
  client(config: KafkaConfig): Kafka;
}

const MACHINE: KafkaSurroundings = { timing: systemTiming, client: (config) => new kafkajs.Kafka(config) };

/**
 * Opens the event log on Kafka's brokers.
 * @throws AppError `unavailable`, retryable, if no broker answers; `invalid_argument` if the brokers refuse the client
 */
export async function openKafkaEventLog(
  options: KafkaOptions,
  { timing, client }: KafkaSurroundings = MACHINE,
): Promise<EventLog> {
  const kafka = client(clientConfig(options));
  const durability = topicDurability(options);
  const catalogue = createTopicCatalogue(kafka, { bootstrap: options.brokers, durability, timing });
  const producer = createEventProducer(kafka, { timing });
  const reading = await connect([], OPEN_MS);
  const offsets = createLogOffsets(reading, catalogue, timing);
  const consumers = new Set<RunningConsumer>();
  let closed = false;

  async function connect(topics: readonly string[], tryMs?: number): Promise<Cluster> {
    const cluster = createCluster(kafka);
    await retried(
      `connecting to ${options.brokers.join(', ')}`,
      async () => {
        await cluster.connect();
        await cluster.addMultipleTargetTopics([...topics]);
      },
      { tryMs, timing },
    );
    return cluster;
  }

  /** Runs a consumer with its own connections, which are closed when it ends. */
  async function consume(
    topics: readonly string[],
    start: (clusters: FeederClusters) => RunningConsumer,
  ): Promise<RunningConsumer> {
    const [waiting, hurrying] = await Promise.all([connect(topics), connect(topics)]);
    const consumer = start({ waiting, hurrying });
    const disconnect = async () => {
      consumers.delete(consumer);
      await Promise.all([waiting.disconnect(), hurrying.disconnect()]);
    };
    const running: RunningConsumer = {
      ended: consumer.ended,
      stop: () => consumer.stop().finally(disconnect),
      abandon: () => consumer.abandon().finally(disconnect),
    };
    consumers.add(running);
    // Nobody else stops a consumer that failed.
    consumer.ended.catch(running.stop);
    return running;
  }

  function checkOpen(): void {
    if (closed) throw new AppError('closed', 'the event log is closed');
  }

  return {
    topics: () => catalogue.topics(),
    declare: (topics) => catalogue.declare(topics),
    endOffsets: (topic) => offsets.ends(topic),
    committedOffsets: (group, topic) => offsets.committed(group, topic),
    async *read(ranges) {
      checkOpen();
      for (const range of ranges) await catalogue.checkPlace(range);
      yield* readRanges(reading, await offsets.clip(ranges), timing);
    },
    async append(at, events) {
      checkOpen();
      for (const event of events) eventBytes(event);
      // Events are encoded first, because the caller may reuse its buffers during the topic look-up.
      const messages = events.map(encodeEvent);
      await catalogue.checkPlace(at);
      return producer.append(at, messages);
    },
    async join(member) {
      checkOpen();
      for (const topic of member.topics) await catalogue.partitionsOf(topic);
      let joined: Promise<void> = Promise.resolve();
      const consumer = await consume(member.topics, (clusters) => {
        const protocol = createGroupProtocol(clusters.waiting, member, catalogue.partitionsOf, timing);
        const committed = (places: readonly TopicPartition[]) => offsets.starts(member.group, places);
        const created = createGroupConsumer({ protocol, clusters, committed, timing }, member);
        joined = created.joined;
        return created.consumer;
      });
      await joined;
      return consumer;
    },
    async follow(follower) {
      checkOpen();
      for (const at of follower.from) await catalogue.checkPlace(at);
      return consume([...new Set(follower.from.map(({ topic }: StartOffset) => topic))], (clusters) =>
        follow(clusters, follower, timing),
      );
    },
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all([...consumers].map((consumer) => consumer.abandon()));
      await producer.close();
      await Promise.all([reading.disconnect(), catalogue.close()]);
    },
  };
}
