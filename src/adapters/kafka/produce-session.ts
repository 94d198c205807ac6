import type { Broker, Cluster, Message } from 'kafkajs';
import { AppError } from '../../model/app-error.ts';
import type { TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';
import { answered } from './answered.ts';
import { byLeader } from './fetch.ts';
import { brokerErrorType } from './kafka-failure.ts';
import { createPace } from './pace.ts';
import type { Timing } from './timing.ts';

/*
 * A broker answers the produce requests of a connection one after another, each after all in-sync replicas have the
 * data. So the cost is per request, whether it carries the batch of one partition or of all partitions that the broker
 * leads.
 *
 * Invariants:
 * 1. A leader has at most one request under way. Batches that arrive in the meantime, for any of its partitions, share
 *    the next request. So appends are combined under load and are sent at once otherwise.
 * 2. A batch keeps its sequence number until it is acknowledged; only then does the next batch of its partition get a
 *    number. So the broker recognizes a batch that is sent again as a duplicate: it acknowledges the batch and does not
 *    store it again.
 * 3. If a request fails, all its batches count as not acknowledged. If a broker refuses some of several batches,
 *    kafkajs reports only the first. So all of them fail with a retryable error, and each is then sent in a request of
 *    its own until it is acknowledged. A problem of one partition therefore never becomes a problem of another.
 * 4. If no answer comes, the request and everything that waits for that leader fail. So nothing is sent later that its
 *    caller has given up, and each caller looks up the leader of its partition again.
 */

/** Identity of an idempotent producer, assigned by a broker. */
export interface ProducerIdentity {
  readonly producerId: string;
  readonly producerEpoch: number;
}

interface ProduceRequest extends TopicPartition {
  readonly messages: readonly Message[];
  /** Size of the batch. */
  readonly bytes: number;
}

/** Sends batches with one producer identity, at most one batch of a partition at a time. */
export interface ProduceSession {
  /**
   * Resolves with the offset of the first message once all in-sync replicas have the batch. After a failure the caller
   * must send exactly the same messages to that partition again (the same array), or nothing more.
   */
  send(request: ProduceRequest): Promise<number>;
}

interface Numbered {
  readonly messages: readonly Message[];
  readonly firstSequence: number;
  isAlone: boolean;
}

interface Sending extends ProduceRequest {
  readonly numbered: Numbered;
  resolve(offset: number): void;
  reject(error: unknown): void;
}

interface ProduceResponse {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly baseOffset: string }[];
  }[];
}

/** Broker requests for producers. kafkajs implements them but leaves them out of its types. */
interface Leader extends Broker {
  produce(request: object): Promise<ProduceResponse>;
}

/**
 * Size limit of a request, which a single batch may exceed. A busy broker would take long to answer a larger request.
 */
const REQUEST_BYTES_MAX = 2 ** 20;
const ACKNOWLEDGE_MS_MAX = 10_000;
const SEQUENCES = 2 ** 31;
/** Longest pause between two requests to a leader while appends keep arriving. */
const REST_MS_MAX = 40;

export function createProduceSession(cluster: Cluster, identity: ProducerIdentity, timing?: Timing): ProduceSession {
  /** Sequence number of each partition's next batch. */
  const sequences = new Map<string, number>();
  const unacknowledged = new Map<string, Numbered>();
  const lines = new Map<number, Sending[]>();
  const topics = new Set<string>();

  function numberedAt(key: string, messages: readonly Message[]): Numbered {
    const known = unacknowledged.get(key);
    const isAgain = known?.messages === messages;
    const numbered = isAgain ? known : { messages, firstSequence: sequences.get(key) ?? 0, isAlone: false };
    unacknowledged.set(key, numbered);
    return numbered; // 2
  }

  function acknowledge(sending: Sending, offset: number): void {
    const key = placeKey(sending);
    const { numbered } = sending;
    if (unacknowledged.get(key) === numbered) {
      unacknowledged.delete(key);
      sequences.set(key, (numbered.firstSequence + numbered.messages.length) % SEQUENCES); // 2
    }
    sending.resolve(offset);
  }

  function enqueue(sending: Sending): void {
    const leader = byLeader(cluster, [sending]).keys().next().value!;
    const waiting = lines.get(leader);
    if (waiting) waiting.push(sending);
    else {
      const line = [sending];
      lines.set(leader, line);
      void work(leader, line);
    }
  }

  async function work(leader: number, line: Sending[]): Promise<void> {
    const pace = createPace(REST_MS_MAX, timing);
    while (line.length > 0) {
      // Appends of the same turn of the event loop share the request.
      await new Promise((resolve) => setImmediate(resolve));
      const together = takeTogether(line);
      await exchange(leader, together, line);
      await pace.rest(together.length);
    }
    lines.delete(leader);
  }

  async function exchange(leader: number, sendings: readonly Sending[], line: Sending[]): Promise<void> {
    try {
      const offsets = await produce(leader, sendings);
      for (const sending of sendings) acknowledge(sending, offsets(sending));
    } catch (error) {
      await answered('finding the leaders', cluster.refreshMetadata(), undefined, timing).catch(() => {});
      const isAnswer = brokerErrorType(error) !== '';
      const failure = isAnswer && sendings.length > 1 ? refusedInCompany(sendings.length, error) : error;
      for (const { numbered } of sendings) numbered.isAlone ||= isAnswer; // 3
      for (const { reject } of isAnswer ? sendings : [...sendings, ...line.splice(0)]) reject(failure); // 4
    }
  }

  async function produce(leader: number, sendings: readonly Sending[]) {
    const found = cluster.findBroker({ nodeId: String(leader) });
    const broker = (await answered(`finding broker ${leader}`, found, undefined, timing)) as Leader;
    const topicData = sendings.map(({ topic, partition, numbered: { messages, firstSequence } }) => ({
      topic,
      partitions: [{ partition, firstSequence, messages }],
    }));
    const request = { ...identity, topicData, acks: -1, timeout: ACKNOWLEDGE_MS_MAX };
    const response = await answered(`appending at broker ${leader}`, broker.produce(request), undefined, timing);
    const offsets = new Map<string, number>();
    for (const { topicName: topic, partitions } of response.topics) {
      for (const { partition, baseOffset } of partitions)
        offsets.set(placeKey({ topic, partition }), Number(baseOffset));
    }
    return (at: TopicPartition) => offsets.get(placeKey(at))!;
  }

  return {
    async send(request) {
      if (!topics.has(request.topic)) await cluster.addMultipleTargetTopics([request.topic]);
      topics.add(request.topic);
      const numbered = numberedAt(placeKey(request), request.messages);
      return new Promise((resolve, reject) => enqueue({ ...request, numbered, resolve, reject }));
    },
  };
}

/**
 * Removes the batches of the next request from the head of a line: at least one batch, and at most one per partition.
 */
function takeTogether(line: Sending[]): readonly Sending[] {
  const places = new Set<string>();
  let [count, bytes] = [0, 0];
  for (const sending of line) {
    bytes += sending.bytes;
    const isTooMuch = bytes > REQUEST_BYTES_MAX || places.has(placeKey(sending));
    if (count > 0 && (isTooMuch || sending.numbered.isAlone || line[0]!.numbered.isAlone)) break;
    places.add(placeKey(sending));
    count++;
  }
  return line.splice(0, count);
}

/** The error has no cause: a caller would take the broker's error for that of its own batch. */
function refusedInCompany(count: number, error: unknown): AppError {
  const message = `one of ${count} batches was refused (${brokerErrorType(error)}): each is sent again alone`;
  return new AppError('unavailable', message, { retryable: true });
}
