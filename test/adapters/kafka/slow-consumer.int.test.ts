import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { builtModule, startModule } from '../../support/built-modules.ts';
import { event } from '../../support/events.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';

const MB = 1e6;
const PARTITIONS = 64;
const EVENT_BYTES = 100_000;
const TOPIC_BYTES = 320 * MB;
/** 32 partitions with 1 MiB each may wait, beside what is being fetched and decoded: 40 to 100 MB were seen. */
const GROWTH_BYTES_MAX = TOPIC_BYTES / 2;

interface Slow {
  readonly handled: number;
  readonly idleBytes: number;
  readonly peakBytes: number;
}

describeWithKafka('a consumer that is slower than its input', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafkaCluster(1);
  }, 400_000);
  afterAll(() => cluster?.stop());

  it('keeps a bounded part of it in memory', async () => {
    const topic = `slow-${process.pid}`;
    const log = await openKafkaEventLog({ brokers: cluster.brokers, clientId: 'test', replicas: 1 });
    await log.declare([{ name: topic, partitions: PARTITIONS }]);
    const events = Array.from({ length: TOPIC_BYTES / PARTITIONS / EVENT_BYTES }, (_, i) => ({
      ...event(`event-${i}`),
      value: new Uint8Array(EVENT_BYTES).fill(i),
    }));
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    await Promise.all(partitions.map((partition) => log.append({ topic, partition }, events)));
    await log.close();

    const { handled, idleBytes, peakBytes } = await consumeSlowly(cluster.brokers, topic);
    expect(handled).toBeGreaterThan(10);
    expect(handled).toBeLessThan((TOPIC_BYTES / EVENT_BYTES) * 0.5);
    expect(peakBytes - idleBytes).toBeLessThan(GROWTH_BYTES_MAX);
  });
});

/** A process of its own, so that its memory is the consumer's alone: one event each 20 ms, for six seconds. */
async function consumeSlowly(brokers: readonly string[], topic: string): Promise<Slow> {
  const child = startModule(`
    const { openKafkaEventLog } = await import(${JSON.stringify(builtModule('adapters/kafka/event-log.ts'))});
    const log = await openKafkaEventLog({ brokers: ${JSON.stringify(brokers)}, clientId: 'slow' });
    const idleBytes = process.memoryUsage.rss();
    let [handled, peakBytes] = [0, 0];
    const onBatch = async ({ records }) => {
      await new Promise((resolve) => setTimeout(resolve, 20 * records.length));
      handled += records.length;
      // The system's own peak would be that of the process that started this one.
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    };
    await log.join({ group: 'slow', topics: [${JSON.stringify(topic)}], batchRecordsMax: 1, onBatch });
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    console.log(JSON.stringify({ handled, idleBytes, peakBytes }));
    process.exit();
  `);
  const { code, stdout, stderr } = await child.ended;
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Slow;
}
