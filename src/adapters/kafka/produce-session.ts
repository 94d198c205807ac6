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
 * A broker answers the requests of a connection one after another, each of them when all replicas have it: what costs is
 * the request, whether it carries the batch of one partition or of all that the broker leads.
 *
 * Invariants:
 * 1. One request to a leader is under way at a time. What comes meanwhile, for whichever partitions, goes together in the
 *    next: so appends have company where there is a backlog, and go at once where there is none.
 * 2. A batch keeps its sequence number until it is acknowledged, and only then the next batch of its partition gets one.
 *    So a batch that is sent again is known to the broker as a copy, acknowledged and not stored.
 * 3. Every batch of a request that failed counts as not acknowledged. Where a broker has refused one of several, kafkajs
 *    tells only of the first: so all of them fail in passing, and each goes alone when it is sent again, until it is
 *    acknowledged. No partition's trouble becomes another's.
 * 4. Where no answer comes, all that waits for that leader fails with the request: nothing is left to be sent to it that
 *    its sender has given up, and each looks anew who leads its partition.
 */

/** Of an idempotent producer, as a broker gives it. */
export interface ProducerIdentity {
  readonly producerId: string;
  readonly producerEpoch: number;
}

interface ProduceRequest extends TopicPartition {
  readonly messages: readonly Message[];
  /** Of the batch. */
  readonly bytes: number;
}

/** Sends batches under one producer's identity, at most one of a partition at a time. */
export interface ProduceSession {
  /**
   * Resolves with the first one's offset once all in-sync replicas have them. After a failure it takes for that partition
   * the very same messages again (the same array), or nothing more.
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

/** What kafkajs' brokers can do for producers, and its types leave out. */
interface Leader extends Broker {
  produce(request: object): Promise<ProduceResponse>;
}

/** One batch may be as large; more together would take long where brokers have much to do. */
const REQUEST_BYTES_MAX = 2 ** 20;
const ACKNOWLEDGE_MS_MAX = 10_000;
const SEQUENCES = 2 ** 31;
/** The longest rest between two requests to a leader while appends keep coming. */
const REST_MS_MAX = 40;

export function createProduceSession(cluster: Cluster, identity: ProducerIdentity, timing?: Timing): ProduceSession {
  /** Of each partition's next batch. */
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
      // Whoever is about to send in this turn of the event loop comes along.
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

/** From the head of a line what goes in one request: at least one batch, and of each partition one at most. */
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

/** Without its cause, by which whoever sends would take the failure for his own. */
function refusedInCompany(count: number, error: unknown): AppError {
  const message = `one of ${count} batches was refused (${brokerErrorType(error)}): each is sent again alone`;
  return new AppError('unavailable', message, { retryable: true });
}
