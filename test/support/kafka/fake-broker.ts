import { createRequire } from 'node:module';
import kafkajs, { type Kafka, type Message } from 'kafkajs';

/** Kafka's own default of `message.max.bytes`. */
export const BROKER_BYTES_MAX = 1_048_588;

/** What becomes of a batch: `lost` is stored, and the answer does not come. */
export type Fate = 'stored' | 'refused' | 'unreachable' | 'lost';

export interface FakeBroker {
  readonly kafka: Kafka;
  /** Per partition what it holds, in order. */
  stored(partition: number): readonly Message[];
  /** Of every batch that was not refused as too large. */
  readonly batchBytes: readonly number[];
  /** How many batches came in each request. */
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
 * A broker that keeps Kafka's limit and knows copies by their sequence numbers, behind kafkajs' cluster. As kafkajs does,
 * it tells only the first failure of a request; the other batches of it may be stored.
 * @param fateOf of a batch of these messages, which it gets before the limit is looked at
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
    ...{ connect: nothing, disconnect: nothing, refreshMetadata: nothing, addMultipleTargetTopics: nothing },
    ...{ findBroker: async () => broker, findControllerBroker: async () => broker },
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
  RecordBatch(batch: object): Promise<{ size(): number }>;
};
const Record = inside('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;

/** The bytes of the record batch that kafkajs makes of these messages, by its own encoder. */
export async function encodedBytes(messages: readonly Message[]): Promise<number> {
  const records = messages.map((message, offsetDelta) => Record({ ...message, offsetDelta, timestampDelta: 0 }));
  return (await RecordBatch({ records, lastOffsetDelta: records.length - 1 })).size();
}
