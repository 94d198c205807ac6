import type { EventRecord, NewEvent } from '../model/event-record.ts';
import type { Topic } from '../model/topics.ts';

/*
 * What every log promises, and no more (a broker may die, a producer may send again, a group may rebalance):
 * 1. An event is durable once its `append` has resolved, even after a power loss. Nothing is compacted or expires.
 *    LMDB, and brokers that flush, have the event on disk by then. Other brokers have it in the memory of as many
 *    machines as must acknowledge it: it survives unless so many machines lose power at once.
 * 2. Events of a partition keep their order within one call, and from one awaited call to the next. Concurrent calls
 *    may be stored in either order.
 * 3. An append that rejects may have stored none, some or all of its events; a retry may store them twice. No append
 *    covers two partitions, and none commits an offset as well.
 * 4. Delivery is at least once: a group's offset is committed after its handler has resolved, and uncommitted events
 *    are delivered again, in order, perhaps to another member.
 * 5. A partition belongs to one member of a group at a time, as far as the log can know: a member that the log
 *    considers dead may still be working. So effects are keyed by event ids and writers are fenced by epochs, never by
 *    ownership.
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

/** Successive events of one partition; their number is bounded. */
export interface EventBatch extends TopicPartition {
  readonly records: readonly EventRecord[];
  /** The offset at which to continue; not always the last event's offset plus one. */
  readonly next: number;
}

/** A partition and the offset at which delivery begins. */
export interface StartOffset extends TopicPartition {
  readonly offset: number;
}

/** The log without the power to change it: reports and exports need no more. */
export interface EventLogReader {
  topics(): Promise<readonly Topic[]>;
  /** Per partition, the smallest offset that the next event can get. */
  endOffsets(topic: string): Promise<readonly number[]>;
  /** Per partition, the offset at which the group continues; 0 if it has committed none. */
  committedOffsets(group: string, topic: string): Promise<readonly number[]>;
  /**
   * Ends when every range has been read. Order is kept only within a partition. Memory stays bounded, because the next
   * batch is fetched on demand. Give all ranges in one call: each call opens a session with a broker.
   */
  read(ranges: readonly OffsetRange[]): AsyncIterable<EventBatch>;
  /** Ends consumers without waiting for their handlers, as in a crash; stop the consumers first for a clean end. */
  close(): Promise<void>;
}

export interface EventLog extends EventLogReader {
  /**
   * Creates the topics that are missing and checks those that are there.
   * @throws AppError `storage_incompatible` if an existing topic has another number of partitions
   */
  declare(topics: readonly Topic[]): Promise<void>;
  /** Resolves with the events' offsets once they are durable. */
  append(at: TopicPartition, events: readonly NewEvent[]): Promise<readonly number[]>;
  /**
   * Consumes topics as a member of a group, from the committed offsets, or from the earliest if there are none. The
   * members of a group share its partitions; partition p of all its topics goes to the same member.
   */
  join(member: GroupMember): Promise<Consumer>;
  /** Consumes whole partitions without a group and without commits: for events that every node must know. */
  follow(follower: Follower): Promise<Consumer>;
}

export interface BatchHandler {
  /**
   * Called with one batch of a partition at a time, in order; the next batch follows when this promise resolves
   * (back-pressure). A rejection ends the consumer and leaves the batch uncommitted, so retry inside the handler.
   */
  onBatch(batch: EventBatch): Promise<void>;
  /** The number of partitions that may be handled concurrently; 1 by default. */
  readonly concurrency?: number;
  /** The largest number of events in a batch; 500 by default. */
  readonly batchRecordsMax?: number;
  /**
   * The largest number of bytes of a batch's values together, except for a single event; by default the log's own
   * bound.
   */
  readonly batchBytesMax?: number;
}

export interface GroupMember extends BatchHandler {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * If members of several kinds meet, the kind with the most members gets all partitions. So kinds are never mixed, and
   * a group changes to another kind as its members are replaced one by one.
   */
  readonly kind?: string;
  /** Called when the group works with members of another kind; this member gets no partitions meanwhile. */
  onSpare?(workingKind: string): void;
  /** Awaited before the first batch of these partitions: rebuild state here from events below `offset`. */
  onAssigned?(partitions: readonly StartOffset[]): Promise<void>;
  /** Awaited, if the log can wait, before another member gets the partitions; their last batch is committed. */
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
}

export interface Follower extends BatchHandler {
  readonly from: readonly StartOffset[];
}

export interface Consumer {
  /** Waits for the running handlers, commits, hands over the partitions, and resolves. */
  stop(): Promise<void>;
  /** Resolves when the consumer has ended; rejects with the handler's error if that ended it. */
  readonly ended: Promise<void>;
}
