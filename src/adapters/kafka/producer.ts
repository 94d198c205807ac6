import type { Kafka, Message } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import type { TopicPartition } from '../../ports/event-log.ts';
import { brokerErrorType, kafkaFailure } from './kafka-failure.ts';
import { createProducerPool } from './producer-pool.ts';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';

/*
 * Invariants:
 * 1. A send() names one partition. kafkajs tracks replies per broker: of a send() over several partitions, those that
 *    moved during a failover to a broker that had already answered are taken as done and are never sent (measured: 7 of
 *    37,650 acknowledged events lost).
 * 2. A partition has one send() at a time, many partitions have theirs side by side. Further events wait and go
 *    together, in order.
 * 3. After a send() has failed, its producer is asked for the very same again, or for nothing more (producer-pool.ts).
 */

export interface SizedMessage {
  readonly message: Message;
  readonly bytes: number;
}

/** Appends encoded events to partitions. */
export interface EventProducer {
  /** Resolves with their offsets once all in-sync replicas have them. */
  append(at: TopicPartition, messages: readonly SizedMessage[]): Promise<readonly number[]>;
  /** Refuses what is new, waits for what is under way. */
  close(): Promise<void>;
}

export interface EventProducerOptions {
  /** So long a send() that fails is tried again; 30 s unless told. */
  readonly tryMs?: number;
  /** The machine's own unless told. */
  readonly timing?: Timing;
}

/** What one send() may carry whole. */
interface Part {
  readonly messages: Message[];
  readonly bytes: number;
  resolve(offsets: readonly number[]): void;
  reject(error: unknown): void;
}

/** A broker takes batches up to 1 MiB unless told otherwise. */
const SEND_BYTES_MAX = 2 ** 20;
/** Names of headers and framing, besides an event's own bytes; at most. */
const EVENT_OVERHEAD_BYTES = 128;
/** The broker has lost our sequence numbers, or never had them: it stored nothing, and a new producer may send the same. */
const SEQUENCE_LOST: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);
const SEQUENCES_LOST_MAX = 5;
const ACKNOWLEDGE_MS_MAX = 10_000;

export function createEventProducer(kafka: Kafka, { tryMs, timing }: EventProducerOptions = {}): EventProducer {
  const lanes = new Map<string, Part[]>();
  const draining = new Set<Promise<void>>();
  const pool = createProducerPool(kafka, timing);
  let closed = false;

  async function drain(at: TopicPartition, lane: Part[], key: string): Promise<void> {
    while (lane.length > 0) {
      const group = takeGroup(lane);
      const messages = group.flatMap((part) => part.messages);
      try {
        let offset = await send(at, messages);
        for (const part of group) part.resolve(part.messages.map(() => offset++));
      } catch (error) {
        const failure = kafkaFailure(error, `appending to ${at.topic} partition ${at.partition}`);
        for (const part of group) part.reject(failure);
      }
    }
    lanes.delete(key);
  }

  /** Returns the first one's offset. */
  async function send(at: TopicPartition, messages: Message[]): Promise<number> {
    for (let lost = 0; ; lost++) {
      try {
        const request = { topic: at.topic, messages, acks: -1, timeout: ACKNOWLEDGE_MS_MAX };
        const what = `appending to ${at.topic} partition ${at.partition}`;
        const options = { tryMs, timing, isHopeless: isSequenceLost };
        const [sent] = await pool.use((producer) => retried(what, () => producer.send(request), options));
        return Number(sent!.baseOffset);
      } catch (error) {
        if (!isSequenceLost(error) || lost === SEQUENCES_LOST_MAX) throw error;
      }
    }
  }

  function enqueue(at: TopicPartition, parts: readonly Part[]): void {
    const key = `${at.partition} ${at.topic}`;
    const waiting = lanes.get(key);
    if (waiting) {
      waiting.push(...parts);
      return;
    }
    const lane = [...parts];
    lanes.set(key, lane);
    const drained = drain(at, lane, key).finally(() => draining.delete(drained));
    draining.add(drained);
  }

  return {
    async append(at, messages) {
      if (closed) throw new AppError('closed', 'the event log is closed');
      const parts: Part[] = [];
      const appended = partition(messages, at.partition).map(
        (part) => new Promise<readonly number[]>((resolve, reject) => parts.push({ ...part, resolve, reject })),
      );
      if (parts.length > 0) enqueue(at, parts);
      return (await Promise.all(appended)).flat();
    },
    async close() {
      closed = true;
      await Promise.all(draining);
      await pool.close();
    },
  };
}

function isSequenceLost(error: unknown): boolean {
  return SEQUENCE_LOST.has(brokerErrorType(error));
}

/** Splits what no single send() could carry. */
function partition(messages: readonly SizedMessage[], partition: number): { messages: Message[]; bytes: number }[] {
  const parts: { messages: Message[]; bytes: number }[] = [];
  for (const { message, bytes } of messages) {
    const size = bytes + EVENT_OVERHEAD_BYTES;
    const last = parts.at(-1);
    if (last && last.bytes + size <= SEND_BYTES_MAX) {
      last.messages.push({ ...message, partition });
      last.bytes += size;
    } else parts.push({ messages: [{ ...message, partition }], bytes: size });
  }
  return parts;
}

/** From the head of the lane what fits one send(); at least one part. */
function takeGroup(lane: Part[]): readonly Part[] {
  let [count, bytes] = [0, 0];
  for (const part of lane) {
    bytes += part.bytes;
    if (count > 0 && bytes > SEND_BYTES_MAX) break;
    count++;
  }
  return lane.splice(0, count);
}
