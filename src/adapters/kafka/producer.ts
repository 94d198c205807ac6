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
 * 1. Requests are our own (produce-session.ts), not those of kafkajs' producer. That one tracks replies per broker: of a
 *    send() over several partitions, those that moved during a failover to a broker that had already answered are taken
 *    as done and are never sent (measured: 7 of 37,650 acknowledged events lost).
 * 2. A partition, a lane, has one send at a time; many have theirs side by side. What waits goes together, in order,
 *    as much of it as fits a batch to the byte, whichever calls it comes from. Half of what a broker refuses as too large
 *    is tried next.
 * 3. After a send has failed, its session is asked for the very same again, or for nothing more (producer-pool.ts).
 * 4. An event is sent only when all events before it in its call are acknowledged, or with them: a lane stops at its
 *    first batch that is not acknowledged, and of a call that has failed nothing more is sent. So where the whole call
 *    is tried again, the first copy of each event stands behind the first copies of those before it, whatever is
 *    interleaved, and however late a batch is stored that was given up.
 * 5. A failure that passes is the lane's: all that waits in it is rejected with it, none of it sent, and may be tried
 *    again. One that lasts is that of the calls in the refused batch alone: calls side by side have no order.
 */

/** Appends encoded events to partitions. */
export interface EventProducer {
  /** Resolves with their offsets once all in-sync replicas have them. */
  append(at: TopicPartition, messages: readonly Message[]): Promise<readonly number[]>;
  /** Refuses what is new, waits for what is under way. */
  close(): Promise<void>;
}

export interface EventProducerOptions {
  /** So long a send that fails is tried again; 30 s unless told. */
  readonly tryMs?: number;
  /** The machine's own unless told. */
  readonly timing?: Timing;
}

interface Call {
  readonly count: number;
  /** Of those acknowledged so far. */
  readonly offsets: number[];
  resolve(offsets: readonly number[]): void;
  reject(error: unknown): void;
}

interface Waiting extends SizedMessage {
  readonly call: Call;
}

interface Lane extends TopicPartition {
  /** Not acknowledged, in order; the first of them are under way. */
  waiting: Waiting[];
}

/** The broker has lost our sequence numbers, or never had them: it stored nothing, and a new producer may send the same. */
const SEQUENCE_LOST: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);
const SEQUENCES_LOST_MAX = 5;
/** Refused by a topic's `max.message.bytes`, or by its `segment.bytes`; nothing of it is stored. */
const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

export function createEventProducer(kafka: Kafka, { tryMs, timing }: EventProducerOptions = {}): EventProducer {
  const lanes = new Map<string, Lane>();
  const draining = new Set<Promise<void>>();
  const pool = createProducerPool(kafka, timing);
  /** By topic, where a broker has refused more. */
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

  /** Returns the first one's offset. */
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

/** Invariant 5; what is left of the failed calls is not sent (4). */
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
