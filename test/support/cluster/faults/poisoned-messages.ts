import kafkajs, { type Message } from 'kafkajs';
import type { EventLogReader, TopicPartition } from '../../../../src/ports/event-log.ts';

/** The place of a record that is no event. */
export interface PoisonedPlace extends TopicPartition {
  readonly offset: number;
}

const GARBAGE = Buffer.from([0xff, 0x00, 0x9c, 0x07, 0xff, 0xff, 0xff, 0xff, 0x7f]);

/** Messages that a foreign program, or another version of elastream, may write. */
function poison(n: number): Message[] {
  const headers = (type: string) => ({
    ce_specversion: '1.0',
    ce_id: `poison-${n}`,
    ce_source: '/elastream/poison',
    ce_time: '2026-01-02T03:04:05.678Z',
    'content-type': 'application/protobuf',
    ce_type: type,
  });
  const key = `poison-${n}`;
  return [
    { key, value: GARBAGE, headers: headers('elastream.v1.MaterialIngested') },
    { key, value: GARBAGE, headers: headers('elastream.v1.RoundOpened') },
    { key, value: Buffer.alloc(0), headers: headers('elastream.v1.LabelIngested') },
    { key, value: GARBAGE, headers: headers('elastream.v2.MaterialIngested') },
    { key, value: GARBAGE, headers: headers('com.example.Invoice') },
    { key: null, value: 'no event at all' },
    { key: null, value: null },
  ];
}

/** Writes every poisoned message to a partition of every topic, bypassing the adapter. */
export async function poisonTopics(brokers: readonly string[], log: EventLogReader): Promise<PoisonedPlace[]> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const places: PoisonedPlace[] = [];
  try {
    for (const [n, { name: topic, partitions }] of (await log.topics()).entries()) {
      const partition = (7 * n) % partitions;
      const messages = poison(n).map((message) => ({ ...message, partition }));
      const [written] = await producer.send({ topic, messages, acks: -1 });
      const first = Number(written!.baseOffset);
      places.push(...messages.map((_, i) => ({ topic, partition, offset: first + i })));
    }
  } finally {
    await producer.disconnect();
  }
  return places;
}
