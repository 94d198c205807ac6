import { randomBytes } from 'node:crypto';
import kafkajs, { type Message } from 'kafkajs';
import type { TopicPartition } from '../../../src/ports/event-log.ts';

/** The place of a record that is no event. */
export interface GarbagePlace extends TopicPartition {
  readonly offset: number;
}

export interface Litterer {
  /** Appends one record of each kind to each of these topics, at random partitions. */
  litter(topics: readonly { readonly name: string; readonly partitions: number }[]): Promise<GarbagePlace[]>;
  close(): Promise<void>;
}

const ATTRIBUTES = { ce_specversion: '1.0', ce_id: 'stray', ce_source: '/elsewhere', 'content-type': 'text/plain' };
const TIME = { ce_time: '2026-01-02T03:04:05.678Z' };
const ofType = (ce_type: string) => ({ ...ATTRIBUTES, ...TIME, ce_type });

/** Records that other programs, other versions and bad disks may leave in a topic. */
const KINDS: readonly (() => Message)[] = [
  () => ({ key: randomBytes(40), value: randomBytes(500) }),
  () => ({ key: null, value: null }),
  () => ({ key: 'order-1', value: '{}', headers: ofType('com.example.Ordered') }),
  () => ({ key: 'tiny', value: randomBytes(100), headers: ofType('elastream.v2.RoundOpened') }),
  () => ({ key: 'tiny', value: randomBytes(100), headers: ofType('elastream.v1.RoundOpened') }),
  () => ({ key: 'mp-1', value: null, headers: ofType('elastream.v1.ExampleFormed') }),
  () => ({ key: 'mp-1', value: randomBytes(10), headers: { ...ATTRIBUTES, ce_type: 'elastream.v1.MemberTrained' } }),
  () => ({ key: randomBytes(100_000), value: 'x', headers: ofType(`x${'y'.repeat(200_000)}`) }),
];

export async function createLitterer(brokers: readonly string[]): Promise<Litterer> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  return {
    async litter(topics) {
      const places: GarbagePlace[] = [];
      for (const { name: topic, partitions } of topics) {
        for (const kind of KINDS) {
          const partition = Math.floor(Math.random() * partitions);
          const [sent] = await producer.send({ topic, messages: [{ ...kind(), partition }] });
          places.push({ topic, partition, offset: Number(sent!.baseOffset) });
        }
      }
      return places;
    },
    close: () => producer.disconnect(),
  };
}
