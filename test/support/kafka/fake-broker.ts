import { createRequire } from 'node:module';
import kafkajs, { type Kafka, type Message } from 'kafkajs';

/** Kafka's default of `message.max.bytes`. */
export const BROKER_BYTES_MAX = 1_048_588;

/** The fate of a batch: `lost` means that it is stored but the answer does not arrive. */
export type Fate = 'stored' | 'refused' | 'unreachable' | 'lost';

export interface FakeBroker {
  readonly kafka: Kafka;
  /** The messages of a partition, in order. */
  stored(partition: number): readonly Message[];
  /** The size of every batch that was not rejected as too large. */
  readonly batchBytes: readonly number[];
  /** The number of batches in each request. */
  readonly requests: readonly number[];
}

interface PartitionData {
  readonly partition: number;
  readonly firstSequence: number;
  readonly messages: readonly Message[];
}

interface ProduceData {
  readonly producerId: string;
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly PartitionData[] }[];
}

/**
 * A fake broker behind kafkajs' cluster interface. It enforces Kafka's size limit and recognises duplicates by their
 * sequence numbers. Like kafkajs, it reports only the first failure of a request; the other batches of the request may
 * be stored.
 * @param fateOf decides the fate of a batch, before the size limit is checked
 */
export function createFakeBroker(
  fateOf: (messages: readonly Message[], partition: number) => Fate | Promise<Fate> = () => 'stored',
  bytesMax: () => number = () => BROKER_BYTES_MAX,
): FakeBroker {
  const partitions = new Map<number, Message[]>();
  const copies = new Map<string, number>();
  const batchBytes: number[] = [];
  const requests: number[] = [];
  const stored = (partition: number) => partitions.get(partition) ?? [];
  let producers = 0;

  async function store({ partition, firstSequence, messages }: PartitionData, producerId: string): Promise<number> {
    const fate = await fateOf(messages, partition);
    if (fate === 'unreachable') throw new kafkajs.KafkaJSConnectionError('no route');
    if (fate === 'refused') throw refusal('POLICY_VIOLATION');
    const bytes = await encodedBytes(messages);
    if (bytes > bytesMax()) throw refusal('MESSAGE_TOO_LARGE');
    const before = stored(partition);
    const name = `${producerId} ${partition} ${firstSequence}`;
    const base = copies.get(name) ?? before.length;
    if (base === before.length) {
      batchBytes.push(bytes);
      partitions.set(partition, [...before, ...messages]);
      copies.set(name, base);
    }
    if (fate === 'lost') throw new kafkajs.KafkaJSConnectionError('the connection was closed');
    return base;
  }

  async function produce({ producerId, topicData }: ProduceData) {
    requests.push(topicData.length);
    const failures: unknown[] = [];
    const topics: object[] = [];
    for (const { topic: topicName, partitions: all } of topicData) {
      for (const data of all) {
        const base = await store(data, producerId).catch((error: unknown) => void failures.push(error));
        topics.push({ topicName, partitions: [{ partition: data.partition, baseOffset: String(base) }] });
      }
    }
    if (failures.length > 0) throw failures[0];
    return { topics };
  }

  const broker = { produce, initProducerId: async () => ({ producerId: String(++producers), producerEpoch: 0 }) };
  const nothing = async () => {};
  const cluster = {
    connect: nothing,
    disconnect: nothing,
    refreshMetadata: nothing,
    addMultipleTargetTopics: nothing,
    findBroker: async () => broker,
    findControllerBroker: async () => broker,
    findTopicPartitionMetadata: () => [...Array(64).keys()].map((partitionId) => ({ partitionId, leader: 0 })),
  };
  const consumer = ({ partitionAssigners: [assigner] }: { partitionAssigners: ((given: object) => void)[] }) =>
    assigner!({ cluster });
  return { kafka: { consumer } as unknown as Kafka, stored, batchBytes, requests };
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

/** The record batch that kafkajs' own encoder makes of these messages. */
export async function encodedBatch(messages: readonly Message[]): Promise<Buffer> {
  return Buffer.from((await recordBatch(messages)).buffer);
}

export async function encodedBytes(messages: readonly Message[]): Promise<number> {
  return (await recordBatch(messages)).size();
}
