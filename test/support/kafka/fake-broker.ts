import { createRequire } from 'node:module';
import kafkajs, { type Kafka, type Message, type ProducerRecord } from 'kafkajs';

/** Kafka's own default of `message.max.bytes`. */
export const BROKER_BYTES_MAX = 1_048_588;

/** What becomes of a send: `lost` is stored, and the answer does not come. */
export type Fate = 'stored' | 'refused' | 'unreachable' | 'lost';

export interface FakeBroker {
  readonly kafka: Kafka;
  /** Per partition what it holds, in order. */
  stored(partition: number): readonly Message[];
  /** Of every send() that was not refused as too large. */
  readonly batchBytes: readonly number[];
}

/**
 * A broker that keeps Kafka's limit, behind producers as kafkajs makes them.
 * @param fateOf of a send() of these messages, which it gets before the limit is looked at
 */
export function createFakeBroker(
  fateOf: (messages: readonly Message[]) => Fate | Promise<Fate> = () => 'stored',
  bytesMax: () => number = () => BROKER_BYTES_MAX,
): FakeBroker {
  const partitions = new Map<number, Message[]>();
  const batchBytes: number[] = [];
  const stored = (partition: number) => partitions.get(partition) ?? [];

  async function send({ messages }: ProducerRecord) {
    const fate = await fateOf(messages);
    if (fate === 'unreachable') throw new kafkajs.KafkaJSConnectionError('no route');
    if (fate === 'refused') throw refusal('POLICY_VIOLATION');
    const bytes = await encodedBytes(messages);
    if (bytes > bytesMax()) throw refusal('MESSAGE_TOO_LARGE');
    batchBytes.push(bytes);
    const { partition } = messages[0]! as { partition: number };
    const before = stored(partition);
    partitions.set(partition, [...before, ...messages]);
    if (fate === 'lost') throw new kafkajs.KafkaJSConnectionError('the connection was closed');
    return [{ partition, baseOffset: String(before.length) }];
  }

  const producer = () => ({ connect: async () => {}, disconnect: async () => {}, send });
  return { kafka: { producer } as unknown as Kafka, stored, batchBytes };
}

function refusal(type: string): Error {
  const Refusal = kafkajs.KafkaJSProtocolError as unknown as new (error: object) => Error;
  return new Refusal({ type, code: 10, message: type, retriable: false });
}

const inside = createRequire(import.meta.url);
const { RecordBatch } = inside('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(batch: object): Promise<{ size(): number; readonly buffer: Buffer }>;
};
const Record = inside('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;

async function recordBatch(messages: readonly Message[]) {
  const records = messages.map((message, offsetDelta) => Record({ ...message, offsetDelta, timestampDelta: 0 }));
  return RecordBatch({ records, lastOffsetDelta: records.length - 1 });
}

/** The record batch that kafkajs makes of these messages, by its own encoder. */
export async function encodedBatch(messages: readonly Message[]): Promise<Buffer> {
  return Buffer.from((await recordBatch(messages)).buffer);
}

export async function encodedBytes(messages: readonly Message[]): Promise<number> {
  return (await recordBatch(messages)).size();
}
