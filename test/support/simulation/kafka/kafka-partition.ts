import type { BrokerError } from './broker-errors.ts';
import { batchBytes } from './record-bytes.ts';
import {
  createReplicaLog,
  type ProducerSequence,
  type ReplicaLog,
  type SentMessage,
  storedMessage,
} from './replica-log.ts';

/*
 * Invariants, those of Kafka's replication:
 * 1. Events are readable only below the high watermark: the offset up to which all in-sync replicas have copied. It
 *    never goes back while the leader stays the same.
 * 2. A new leader is one of the in-sync replicas. The others adapt to it.
 * 3. A batch is acknowledged when it is below the high watermark; with too few in-sync replicas it is refused.
 */

export interface PartitionParts {
  /** Whether the follower's fetches currently reach the leader. */
  reaches(follower: number, leader: number): boolean;
  sleep(ms: number): Promise<void>;
}

export interface PartitionSettings {
  readonly replicas: readonly number[];
  readonly minInSync: number;
  readonly batchBytesMax: number;
}

interface Appended {
  readonly error: BrokerError;
  readonly base: number;
}

export interface KafkaPartition {
  readonly settings: PartitionSettings;
  leader(): number;
  inSync(): readonly number[];
  /** The high watermark that the leader would report. */
  highWatermark(): number;
  /** The end of the leader's own copy. */
  end(): number;
  /** Whether a new leader does not yet know how much was acknowledged. */
  isSettling(): boolean;
  log(broker: number): ReplicaLog;
  append(
    broker: number,
    messages: readonly SentMessage[],
    producer: ProducerSequence | undefined,
    msMax: number,
  ): Promise<Appended>;
  /** Followers that can catch up do so; those that cannot for a long time leave the in-sync set. */
  replicate(): void;
  /** Elects another live in-sync replica as leader; without one there is no leader. */
  elect(alive: (broker: number) => boolean, preferred?: number): void;
  /** Removes the broker from the in-sync set, unless it is the last one. */
  drop(broker: number): void;
  /** The broker's copy loses its last events, unless it is the only one in sync; it is then no longer in sync. */
  lose(broker: number, events: number): void;
  /**
   * The broker gets an empty disk and copies everything from the leader; false if it is the leader itself, or if no
   * other replica is in sync.
   */
  replace(broker: number): boolean;
  /** Resolves when the next event becomes readable, or when the leader changes. */
  changed(): Promise<void>;
}

/** `replica.lag.time.max.ms` */
const LAG_MS_MAX = 3000;

export function createKafkaPartition(parts: PartitionParts, settings: PartitionSettings): KafkaPartition {
  const logs = new Map(settings.replicas.map((broker) => [broker, createReplicaLog()]));
  /** The high watermark that each broker knows. */
  const marks = new Map(settings.replicas.map((broker) => [broker, 0]));
  const inSync = new Set(settings.replicas);
  let waiting: (() => void)[] = [];
  let leader = settings.replicas[0]!;
  let epoch = 0;
  let settled = 0;
  const own = () => logs.get(leader)!;
  const mark = () => (leader < 0 ? 0 : marks.get(leader)!);

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  }

  function advance(): void {
    const reached = Math.min(...[...inSync].map((broker) => logs.get(broker)!.end()));
    if (reached <= mark()) return;
    marks.set(leader, reached); // 1
    wake();
  }

  function replicate(): void {
    if (leader < 0) return;
    for (const follower of settings.replicas) {
      if (follower === leader) continue;
      if (parts.reaches(follower, leader)) {
        logs.get(follower)!.follow(own());
        inSync.add(follower);
        // With its fetch it learns how far the others had come before.
        marks.set(follower, Math.min(mark(), own().end()));
      } else if (inSync.has(follower)) void leaveBehind(follower, leader);
    }
    advance();
  }

  const late = new Set<number>();
  async function leaveBehind(follower: number, of: number): Promise<void> {
    if (late.has(follower)) return;
    late.add(follower);
    await parts.sleep(LAG_MS_MAX);
    late.delete(follower);
    if (leader !== of || parts.reaches(follower, of)) return;
    inSync.delete(follower);
    advance();
    wake();
  }

  const partition: KafkaPartition = {
    settings,
    leader: () => leader,
    inSync: () => [...inSync],
    highWatermark: mark,
    end: () => (leader < 0 ? 0 : own().end()),
    isSettling: () => leader < 0 || mark() < settled,
    log: (broker) => logs.get(broker)!,
    async append(broker, messages, producer, msMax) {
      const refused = (error: BrokerError): Appended => ({ error, base: -1 });
      if (broker !== leader) return refused('NOT_LEADER_FOR_PARTITION');
      if (inSync.size < settings.minInSync) return refused('NOT_ENOUGH_REPLICAS'); // 3
      const bytes = batchBytes(messages);
      if (bytes > settings.batchBytesMax) return refused('MESSAGE_TOO_LARGE');
      const verdict = producer ? own().judge(producer, messages.length) : { base: undefined };
      if (typeof verdict === 'string') return refused(verdict);
      const base = verdict.base ?? own().end();
      if (verdict.base === undefined)
        own().append({ base, bytes, messages: messages.map(storedMessage), ...(producer && { producer }) });
      replicate();
      const begun = epoch;
      let late = false;
      if (mark() < base + messages.length)
        void parts.sleep(msMax).then(() => {
          late = true;
          wake();
        });
      while (mark() < base + messages.length) {
        await partition.changed();
        if (epoch !== begun) return refused('NOT_LEADER_FOR_PARTITION');
        if (late) return refused('REQUEST_TIMED_OUT');
      }
      return inSync.size < settings.minInSync ? refused('NOT_ENOUGH_REPLICAS_AFTER_APPEND') : { error: 'NONE', base };
    },
    replicate,
    elect(alive, preferred) {
      const able = [...inSync].filter(alive);
      const next = preferred !== undefined && able.includes(preferred) ? preferred : able[0];
      if (next === leader) return;
      leader = next ?? -1;
      epoch++;
      settled = leader < 0 ? settled : own().end();
      replicate();
      wake();
    },
    drop(broker) {
      if (inSync.size > 1 && inSync.delete(broker) && leader !== broker) advance();
    },
    lose(broker, events) {
      const log = logs.get(broker);
      if (!log || (inSync.size === 1 && inSync.has(broker))) return;
      log.loseFrom(log.end() - events);
      inSync.delete(broker);
      // There is no leader until the controller notices.
      if (leader !== broker) advance();
    },
    replace(broker) {
      if (leader === broker || leader < 0 || ![...inSync].some((id) => id !== broker)) return false;
      inSync.delete(broker);
      logs.set(broker, createReplicaLog());
      marks.set(broker, 0);
      replicate();
      return true;
    },
    changed: () => new Promise((resolve) => waiting.push(resolve)),
  };
  return partition;
}
