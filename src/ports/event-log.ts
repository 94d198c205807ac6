import type { EventRecord, NewEvent } from '../model/event-record.ts';
import type { Topic } from '../model/topics.ts';

/*
 * What every log promises, and no more (a broker may die, a producer may send again, a group may rebalance):
 * 1. What `append` has resolved for is there for ever, after power loss too. Nothing compacts or expires. LMDB, and
 *    brokers told to flush, have it on the disk by then. Other brokers have it in memory, as many as must acknowledge
 *    it: it survives unless the power of so many machines fails at once.
 * 2. Within one call, and from one awaited call to the next, events of a partition keep their order. Calls made side by
 *    side may land in either order.
 * 3. An append that rejects may have stored none, some or all of its events; tried again, it may store them twice.
 *    There is no append over two partitions, and none that commits an offset with it.
 * 4. Delivery is at least once: a group's offset is committed after its handler resolved, and what was not committed
 *    is delivered again, in order, perhaps to another member.
 * 5. A partition belongs to one member of a group at a time, as far as the log can know: one that was taken for dead may
 *    still be at work. So effects are keyed by event ids and writers fenced by epochs, never by ownership.
 */

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Events `from` (included) to `to` (excluded) of a partition. */
export interface OffsetRange extends TopicPartition {
  readonly from: number;
  readonly to: number;
}

/** Successive events of one partition, a bounded number of them. */
export interface EventBatch extends TopicPartition {
  readonly records: readonly EventRecord[];
  /** The offset to go on from; not always the last one's plus one. */
  readonly next: number;
}

/** A partition and the offset at which delivery begins. */
export interface StartOffset extends TopicPartition {
  readonly offset: number;
}

/** The log without the power to change it: all that a report or an export needs. */
export interface EventLogReader {
  topics(): Promise<readonly Topic[]>;
  /** Per partition the offset that the next event will get at least. */
  endOffsets(topic: string): Promise<readonly number[]>;
  /** Per partition where the group goes on; 0 where it has committed nothing. */
  committedOffsets(group: string, topic: string): Promise<readonly number[]>;
  /**
   * Ends when every range has been read. Order is kept within a partition only; memory stays bounded, because the next
   * batch is fetched when it is asked for. Give all ranges in one call: to a broker a call is a session.
   */
  read(ranges: readonly OffsetRange[]): AsyncIterable<EventBatch>;
  /** Consumers end without waiting for their handlers, as in a crash; stop them first to end well. */
  close(): Promise<void>;
}

export interface EventLog extends EventLogReader {
  /**
   * Creates the topics that are missing and checks those that are there.
   * @throws AppError `storage_incompatible` where one has another number of partitions
   */
  declare(topics: readonly Topic[]): Promise<void>;
  /** Resolves with the events' offsets once they are durable. */
  append(at: TopicPartition, events: readonly NewEvent[]): Promise<readonly number[]>;
  /**
   * Consumes topics as a member of a group, from the committed offsets on, or from the earliest. Members of a group
   * share out its partitions; partition p of all its topics goes to the same member.
   */
  join(member: GroupMember): Promise<Consumer>;
  /** Consumes partitions whole, without a group and without committing: for what every node must know. */
  follow(follower: Follower): Promise<Consumer>;
}

export interface BatchHandler {
  /**
   * Batches of a partition come one at a time, in order; the next when this promise resolves: it is the back-pressure.
   * A rejection ends the consumer with the batch uncommitted, so retry inside.
   */
  onBatch(batch: EventBatch): Promise<void>;
  /** How many partitions may be handled side by side; 1 unless told. */
  readonly concurrency?: number;
  /** At most so many events in a batch; 500 unless told. */
  readonly batchRecordsMax?: number;
  /** Their values have at most so many bytes together, unless a single event has more; the log's own bound unless told. */
  readonly batchBytesMax?: number;
}

export interface GroupMember extends BatchHandler {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Where members of several kinds meet, those of one kind get all partitions: of the kind of most members. So what must
   * not be mixed is not, and a group goes over to another kind as its members are replaced one by one.
   */
  readonly kind?: string;
  /** Told that the group works with members of this other kind, and that this one gets nothing meanwhile. */
  onSpare?(workingKind: string): void;
  /** Awaited before the first batch of these partitions: the time to rebuild state from events below `offset`. */
  onAssigned?(partitions: readonly StartOffset[]): Promise<void>;
  /** Awaited, where the log can, before another member gets them; their last batch is handled and committed. */
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
}

export interface Follower extends BatchHandler {
  readonly from: readonly StartOffset[];
}

export interface Consumer {
  /** Lets the handlers at work finish, commits, hands the partitions over, and resolves. */
  stop(): Promise<void>;
  /** Resolves when the consumer has ended; rejects with the handler's error where that ended it. */
  readonly ended: Promise<void>;
}
