import type { BrokerError } from './broker-errors.ts';

/** A record as kafkajs decodes it. */
export interface StoredMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** What one request appended to one partition. */
export interface StoredBatch {
  readonly base: number;
  readonly bytes: number;
  readonly messages: StoredMessage[];
  /** Undefined of what the brokers write themselves. */
  readonly producer?: ProducerSequence;
}

/** A record as a producer sends it. */
export interface SentMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

export interface ProducerSequence {
  readonly id: string;
  readonly epoch: number;
  readonly first: number;
}

interface KnownBatch {
  readonly first: number;
  readonly last: number;
  readonly base: number;
}

/** Whether a batch may be appended, and of a copy where the first one stands. */
export type Verdict = { readonly base: number | undefined } | BrokerError;

/** One broker's copy of a partition. */
export interface ReplicaLog {
  readonly batches: readonly StoredBatch[];
  end(): number;
  /** As brokers check the sequence numbers of idempotent producers. */
  judge(producer: ProducerSequence, count: number): Verdict;
  append(batch: StoredBatch): void;
  /** Becomes like the leader's: forgets what that does not have, copies what it has more. */
  follow(leader: ReplicaLog): void;
  /** Loses its last batches, as a machine does that lost its power before they were on the disk. */
  loseFrom(offset: number): void;
}

export function storedMessage({ key, value, headers = {} }: SentMessage): StoredMessage {
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
  return { key, value, headers: Object.fromEntries(bytes) };
}

/** So many batches of each producer a broker knows again. */
const KNOWN_MAX = 5;

export function createReplicaLog(): ReplicaLog {
  const batches: StoredBatch[] = [];
  const producers = new Map<string, { epoch: number; known: KnownBatch[] }>();
  const end = () => {
    const last = batches.at(-1);
    return last ? last.base + last.messages.length : 0;
  };

  function note({ base, messages, producer }: StoredBatch): void {
    if (!producer) return;
    const found = producers.get(producer.id);
    const entry = found?.epoch === producer.epoch ? found : { epoch: producer.epoch, known: [] };
    entry.known.push({ first: producer.first, last: producer.first + messages.length - 1, base });
    if (entry.known.length > KNOWN_MAX) entry.known.shift();
    producers.set(producer.id, entry);
  }

  function truncate(count: number): void {
    if (count === batches.length) return;
    batches.length = count;
    producers.clear();
    batches.forEach(note);
  }

  const log: ReplicaLog = {
    batches,
    end,
    judge({ id, epoch, first }, count) {
      const entry = producers.get(id);
      // A broker that knows nothing of a producer takes any sequence.
      if (!entry) return { base: undefined };
      if (epoch < entry.epoch) return 'INVALID_PRODUCER_EPOCH';
      if (epoch > entry.epoch) return first === 0 ? { base: undefined } : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
      const copy = entry.known.find((batch) => batch.first === first && batch.last === first + count - 1);
      if (copy) return { base: copy.base };
      return first === entry.known.at(-1)!.last + 1 ? { base: undefined } : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
    },
    append(batch) {
      batches.push(batch);
      note(batch);
    },
    follow(leader) {
      let common = Math.min(batches.length, leader.batches.length);
      while (common > 0 && batches[common - 1] !== leader.batches[common - 1]) common--;
      truncate(common);
      for (let i = common; i < leader.batches.length; i++) log.append(leader.batches[i]!);
    },
    loseFrom(offset) {
      truncate(batches.filter(({ base }) => base < offset).length);
    },
  };
  return log;
}
