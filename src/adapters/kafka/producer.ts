import type { Kafka, Message } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import type { TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';
import { messageId } from './event-message.ts';
import { brokerErrorType, kafkaFailure } from './kafka-failure.ts';
import { createProducerPool } from './producer-pool.ts';
import { BATCH_BYTES_MAX, fitting, type SizedMessage, sized } from './record-batch.ts';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';

/*
 * Invariants:
 * 1. This producer builds its own requests (produce-session.ts) instead of using kafkajs' producer. kafkajs tracks
 *    replies per broker. If during a failover some partitions of a send() move to a broker that has already replied,
 *    kafkajs takes them for done and never sends them (measured: 7 of 37,650 acknowledged events lost).
 * 2. Each partition has a lane with one send at a time; lanes send independently of each other. The messages that wait
 *    in a lane are sent together, in order, whichever calls they come from, as many as fit in a batch (exact in bytes).
 *    If a broker refuses a batch as too large, the lane tries half of its size next.
 * 3. After a send has failed, its session gets exactly the same messages again, or nothing more (producer-pool.ts).
 * 4. An event is sent only together with or after the acknowledgement of all events before it in its call. A lane stops
 *    at the first batch that is not acknowledged, and nothing more of a failed call is sent. So if the whole call is
 *    retried, the first copy of each event comes after the first copies of the events before it. This holds whatever is
 *    interleaved, and however late a broker stores a batch that the producer has given up.
 * 5. A retryable failure fails the lane: every call that waits in it is rejected, none of it is sent, and the caller
 *    may retry. A final failure fails only the calls in the refused batch, because calls side by side have no order.
 */

/** Appends encoded events to partitions. */
export interface EventProducer {
  /** Resolves with the messages' offsets once all in-sync replicas have them. */
  append(at: TopicPartition, messages: readonly Message[]): Promise<readonly number[]>;
  /** Refuses new appends and waits for those under way. */
  close(): Promise<void>;
}

export interface EventProducerOptions {
  /** A failed send is retried for this long; default 30 s. */
  readonly tryMs?: number;
  /** Default: the machine's clock. */
  readonly timing?: Timing;
}

interface Call {
  readonly count: number;
  /** Offsets of the messages that are acknowledged so far. */
  readonly offsets: number[];
  resolve(offsets: readonly number[]): void;
  reject(error: unknown): void;
}

interface Waiting extends SizedMessage {
  readonly call: Call;
}

interface Lane extends TopicPartition {
  /** Messages that are not acknowledged, in order. The first of them are being sent. */
  waiting: Waiting[];
}

/**
 * The broker has lost this producer's sequence numbers or never had them. It stored nothing, so a new producer may send
 * the same messages.
 */
const SEQUENCE_LOST: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);
const SEQUENCES_LOST_MAX = 5;
/** Refused because of the topic's `max.message.bytes` or `segment.bytes`. The broker stores nothing of such a batch. */
const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

export function createEventProducer(kafka: Kafka, { tryMs, timing }: EventProducerOptions = {}): EventProducer {
  const lanes = new Map<string, Lane>();
  const draining = new Set<Promise<void>>();
  const pool = createProducerPool(kafka, timing);
  /** Batch size limit per topic, set after a broker has refused a larger batch. */
  const bytesMax = new Map<string, number>();
  let closed = false;

  async function drain(lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      const { count, bytes } = fitting(lane.waiting, bytesMax.get(lane.topic) ?? BATCH_BYTES_MAX);
      const batch = lane.waiting.slice(0, count);
      try {
        let offset = await send(lane, batch, bytes);
        lane.waiting.splice(0, count);
        for (const { call } of batch) acknowledge(call, offset++);
      } catch (error) {
        const isTooLarge = TOO_LARGE.has(brokerErrorType(error));
        if (isTooLarge && count > 1)
          bytesMax.set(lane.topic, Math.floor(bytes / 2)); // 2
        else fail(lane, batch, isTooLarge ? tooLarge(lane, batch[0]!, bytes, error) : failureAt(lane, error));
      }
    }
    lanes.delete(placeKey(lane));
  }

  /** Returns the offset of the first message. */
  async function send({ topic, partition }: TopicPartition, batch: readonly Waiting[], bytes: number): Promise<number> {
    const request = { topic, partition, messages: batch.map(({ message }) => message), bytes };
    for (let lost = 0; ; lost++) {
      try {
        const what = `appending to ${topic} partition ${partition}`;
        const options = { tryMs, timing, isHopeless: isSequenceLost };
        return await pool.use((session) => retried(what, () => session.send(request), options));
      } catch (error) {
        if (!isSequenceLost(error) || lost === SEQUENCES_LOST_MAX) throw error;
      }
    }
  }

  function enqueue(at: TopicPartition, waiting: readonly Waiting[]): void {
    const there = lanes.get(placeKey(at));
    if (there) {
      for (const one of waiting) there.waiting.push(one);
      return;
    }
    const lane = { ...at, waiting: [...waiting] };
    lanes.set(placeKey(at), lane);
    const drained = drain(lane).finally(() => draining.delete(drained));
    draining.add(drained);
  }

  return {
    async append(at, messages) {
      if (closed) throw new AppError('closed', 'the event log is closed');
      if (messages.length === 0) return [];
      return new Promise((resolve, reject) => {
        const call: Call = { count: messages.length, offsets: [], resolve, reject };
        enqueue(
          at,
          messages.map((message) => ({ ...sized(message), call })),
        );
      });
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

function acknowledge(call: Call, offset: number): void {
  call.offsets.push(offset);
  if (call.offsets.length === call.count) call.resolve(call.offsets);
}

/** Invariant 5. The remaining messages of the failed calls are not sent (invariant 4). */
function fail(lane: Lane, batch: readonly Waiting[], failure: AppError): void {
  const failed = new Set((failure.retryable ? lane.waiting : batch).map(({ call }) => call));
  lane.waiting = lane.waiting.filter(({ call }) => !failed.has(call));
  for (const call of failed) call.reject(failure);
}

function failureAt({ topic, partition }: TopicPartition, error: unknown): AppError {
  return kafkaFailure(error, `appending to ${topic} partition ${partition}`);
}

function tooLarge({ topic, partition }: TopicPartition, { message }: Waiting, bytes: number, cause: unknown): AppError {
  const what = `event ${messageId(message)} has ${bytes} bytes as a batch of its own, more than partition ${partition} of ${topic} takes`;
  const remedy = `kafka-configs.sh --alter --topic ${topic} --add-config max.message.bytes=${Math.max(bytes, BATCH_BYTES_MAX)}`;
  return new AppError('invalid_argument', `${what} (${brokerErrorType(cause)}); set it: ${remedy}`, { cause });
}
