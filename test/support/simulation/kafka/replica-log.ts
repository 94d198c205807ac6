import type { BrokerError } from './broker-errors.ts';

/** A record as kafkajs decodes it. */
export interface StoredMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** The messages that one request appended to one partition. */
export interface StoredBatch {
  readonly base: number;
  readonly bytes: number;
  readonly messages: StoredMessage[];
  /** Undefined for batches that the brokers write themselves. */
  readonly producer?: ProducerSequence;
  /** For a copy that was damaged on disk: the batch as it was written. */
  readonly written?: StoredBatch;
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

/** Whether a batch may be appended; for a duplicate, the offset of the first copy. */
type Verdict = { readonly base: number | undefined } | BrokerError;

/** One broker's copy of a partition. */
export interface ReplicaLog {
  readonly batches: readonly StoredBatch[];
  end(): number;
  /** Checks the sequence numbers of idempotent producers as brokers do. */
  judge(producer: ProducerSequence, count: number): Verdict;
  append(batch: StoredBatch): void;
  /**
   * Becomes equal to the leader's copy: drops what the leader lacks and copies what it has in addition. Neither broker
   * examines what both have; copied batches are checked on the way, and damaged ones are not taken.
   */
  follow(leader: ReplicaLog): void;
  /** Loses its last batches, like a machine whose power failed before they were on disk. */
  loseFrom(offset: number): void;
  /** Flips a bit of a message on its disk. */
  flip(flip: BitFlip): void;
}

/** The bit to flip: counted through key, value and header values, modulo their total number of bits. */
interface BitFlip {
  readonly offset: number;
  readonly bit: number;
}

export function storedMessage({ key, value, headers = {} }: SentMessage): StoredMessage {
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
  return { key, value, headers: Object.fromEntries(bytes) };
}

/** The number of batches per producer that a broker can recognise again. */
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
      // A broker that knows nothing about a producer accepts any sequence number.
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
      while (common > 0 && written(batches[common - 1]!) !== written(leader.batches[common - 1]!)) common--;
      truncate(common);
      for (let i = common; i < leader.batches.length && !leader.batches[i]!.written; i++)
        log.append(leader.batches[i]!);
    },
    loseFrom(offset) {
      truncate(batches.filter(({ base }) => base < offset).length);
    },
    flip({ offset, bit }) {
      const i = batches.findIndex(({ base, messages }) => base <= offset && offset < base + messages.length);
      const batch = batches[i]!;
      const messages = batch.messages.map((one, n) => (batch.base + n === offset ? flipped(one, bit) : one));
      batches[i] = { ...batch, messages, written: written(batch) };
    },
  };
  return log;
}

function written(batch: StoredBatch): StoredBatch {
  return batch.written ?? batch;
}

function flipped({ key, value, headers }: StoredMessage, bit: number): StoredMessage {
  const copy = (bytes: Buffer | null) => (bytes === null ? null : Buffer.from(bytes));
  const changed = {
    key: copy(key),
    value: copy(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)])),
  };
  const fields = [changed.key, changed.value, ...Object.values(changed.headers)].flatMap((field) => field ?? []);
  let left = bit % (8 * fields.reduce((sum, { length }) => sum + length, 0));
  for (const field of fields) {
    if (left < 8 * field.length) {
      field[left >> 3]! ^= 1 << (left & 7);
      break;
    }
    left -= 8 * field.length;
  }
  return changed;
}
