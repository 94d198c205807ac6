import kafkajs from 'kafkajs';
import { startKafkaCluster } from '../deploy/local/kafka/kafka-cluster.ts';
import { openKafkaEventLog } from '../src/adapters/kafka/event-log.ts';
import { encodeEvent } from '../src/adapters/kafka/event-message.ts';
import type { NewEvent } from '../src/model/event-record.ts';
import { rangesToEnd } from '../src/reading/ranges-to-end.ts';

/**
 * Appends and events per second with one broker on this machine, compared with kafkajs' own producer and consumer, in
 * turn. Also with a broker that acknowledges from the disk instead of from memory.
 *
 *   npx vite-node bench/event-log-kafka.ts
 */
const PARTITIONS = 16;
const SECONDS = 4;

type Append = (topic: string, partition: number, events: readonly NewEvent[]) => Promise<unknown>;

const cluster = await startKafkaCluster(1);
const kafka = new kafkajs.Kafka({ brokers: [...cluster.brokers], logLevel: kafkajs.logLevel.NOTHING });
const options = { brokers: cluster.brokers, clientId: 'bench', replicas: 1 };
const log = await openKafkaEventLog({ ...options, flush: false });
const flushing = await openKafkaEventLog({ ...options, flush: true });
const producer = kafka.producer({
  idempotent: true,
  createPartitioner:
    () =>
    ({ message }) =>
      message.partition!,
});
await producer.connect();

const FLUSHED = 'elastream, from the disk';
const writers: Record<string, Append> = {
  elastream: (topic, partition, events) => log.append({ topic, partition }, events),
  [FLUSHED]: (topic, partition, events) => flushing.append({ topic, partition }, events),
  kafkajs: (topic, partition, events) =>
    producer.send({ topic, messages: events.map((one) => ({ ...encodeEvent(one), partition })) }),
};

let topics = 0;
for (const [bytes, count, callers] of [
  [255, 1, 1],
  [255, 1, 32],
  [255, 500, 1],
  [3400, 100, 1],
] as const) {
  for (const [name, append] of [...Object.entries(writers), ...Object.entries(writers)]) {
    const topic = `bench-${topics++}`;
    await (name === FLUSHED ? flushing : log).declare([{ name: topic, partitions: PARTITIONS }]);
    const rate = await appended(append, topic, bytes, count, callers);
    const perSecond = `${Math.round(rate)} appends/s, ${Math.round(rate * count)} events/s`;
    console.log(`append, ${bytes} B, ${count} per call, ${callers} callers per partition: ${name} ${perSecond}`);
  }
}

const topic = 'bench-read';
await log.declare([{ name: topic, partitions: PARTITIONS }]);
const total = 320_000;
for (let partition = 0; partition < PARTITIONS; partition++) {
  for (let sent = 0; sent < total / PARTITIONS; sent += 2000) await log.append({ topic, partition }, made(255, 2000));
}
for (let round = 0; round < 2; round++) {
  console.log(`read, 255 B: elastream ${await perSecond(readAll)} events/s`);
  console.log(`group, 255 B: elastream ${await perSecond(() => joinAll(`ours-${round}`))} events/s`);
  console.log(`group, 255 B: kafkajs ${await perSecond(() => consumeAll(`bare-${round}`))} events/s`);
}
await Promise.all([log.close(), flushing.close(), producer.disconnect()]);
await cluster.stop();

function made(bytes: number, count: number): NewEvent[] {
  const [key, value, time] = [Buffer.from('mp-149'), new Uint8Array(bytes), '2026-01-02T03:04:05.678Z'];
  const rest = { source: '/elastream/bench', type: 'elastream.v1.Measured', contentType: 'application/protobuf' };
  return Array.from({ length: count }, (_, i) => ({ key, id: `event-${i}`, time, value, ...rest }));
}

async function appended(append: Append, topic: string, bytes: number, count: number, callers: number): Promise<number> {
  const events = made(bytes, count);
  let calls = 0;
  const call = async (partition: number, until: number) => {
    while (performance.now() < until) {
      await append(topic, partition, events);
      calls++;
    }
  };
  const all = (until: number) =>
    Promise.all(Array.from({ length: PARTITIONS * callers }, (_, i) => call(i % PARTITIONS, until)));
  await all(performance.now() + 500);
  calls = 0;
  const began = performance.now();
  await all(began + 1000 * SECONDS);
  return (1000 * calls) / (performance.now() - began);
}

async function perSecond(consume: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await consume();
  return Math.round((1000 * total) / (performance.now() - began));
}

async function readAll(): Promise<void> {
  let read = 0;
  for await (const { records } of log.read(await rangesToEnd(log, topic))) read += records.length;
  if (read !== total) throw new Error(`read ${read}`);
}

async function joinAll(group: string): Promise<void> {
  let got = 0;
  let done = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const onBatch = async ({ records }: { records: readonly unknown[] }) => {
    got += records.length;
    if (got === total) done();
  };
  const consumer = await log.join({ group, topics: [topic], concurrency: 4, onBatch });
  await all;
  await consumer.stop();
}

async function consumeAll(groupId: string): Promise<void> {
  let got = 0;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 250 });
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve) => {
    const eachBatch = async ({ batch }: { batch: { messages: readonly unknown[] } }) => {
      got += batch.messages.length;
      if (got === total) resolve();
    };
    void consumer.run({ partitionsConsumedConcurrently: 4, eachBatch });
  });
  await consumer.disconnect();
}
