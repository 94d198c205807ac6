import { BATCH_BYTES_MAX } from './record-batch.ts';

/**
 * What failures a topic survives. These are settings: they do not depend on which brokers were alive at the topic's
 * creation.
 */
export interface TopicDurability {
  /** Replicas of each partition, each on its own broker. */
  readonly replicas: number;
  /**
   * Number of replicas that have an event before it is acknowledged. The event survives the loss of `minInsync` - 1
   * replicas.
   */
  readonly minInsync: number;
  /**
   * If true, an event is on the disk of each in-sync replica before it is acknowledged. Otherwise it may be only in the
   * memory of several machines, and a power cut of all of them loses it. Needed if there is only one broker, or if all
   * brokers share one machine.
   */
  readonly flush: boolean;
}

const REPLICAS = 3;
const MIN_INSYNC = 2;

/**
 * Fills in the defaults: three replicas, two in sync; with a single broker, flush to disk. Only an explicit setting
 * lowers them.
 */
export function topicDurability({
  replicas = REPLICAS,
  minInsync = Math.min(MIN_INSYNC, replicas),
  flush = replicas === 1,
}: Partial<TopicDurability> = {}): TopicDurability {
  return { replicas, minInsync, flush };
}

/** A thousand years: no clock is that wrong. */
const FAR_AHEAD_MS = 1000 * 365 * 86_400_000;

const EXACT: Readonly<Record<string, string>> = {
  // Events are kept forever: a replay needs them all, and no acknowledged result may be lost.
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  // kafkajs can decompress only gzip. The broker therefore stores everything uncompressed, also what another program
  // has compressed. So a reader can reject such an event instead of stopping at its partition.
  'compression.type': 'uncompressed',
  // If all in-sync replicas are down, a replica that lags behind must not become the leader: acknowledged events would
  // be lost.
  'unclean.leader.election.enable': 'false',
  // Brokers refuse events whose producer's clock is an hour ahead of theirs, so the broker sets the timestamp. The
  // event keeps its own time in a header.
  'message.timestamp.type': 'LogAppendTime',
};

/** Returns the configuration of new topics. */
export function topicConfig({ minInsync, flush }: TopicDurability): Readonly<Record<string, string>> {
  return {
    ...EXACT,
    'max.message.bytes': String(BATCH_BYTES_MAX),
    'min.insync.replicas': String(minInsync),
    ...(flush && { 'flush.messages': '1' }),
  };
}

/** Returns the settings of a topic that would lose or refuse events, with the required values. */
export function weakSettings(
  config: ReadonlyMap<string, string>,
  durability: TopicDurability,
): Readonly<Record<string, string>> {
  const number = (name: string) => Number(config.get(name));
  const isWeak: Readonly<Record<string, () => boolean>> = {
    'max.message.bytes': () => number('max.message.bytes') < BATCH_BYTES_MAX,
    'min.insync.replicas': () => number('min.insync.replicas') < durability.minInsync,
    'flush.messages': () => number('flush.messages') > 1,
    // Topics created by older versions keep the producers' timestamps, and older brokers accept any timestamp.
    'message.timestamp.type': () =>
      config.get('message.timestamp.type') !== 'LogAppendTime' &&
      number('message.timestamp.after.max.ms') < FAR_AHEAD_MS,
  };
  return Object.fromEntries(
    Object.entries(topicConfig(durability)).filter(([name, value]) => isWeak[name]?.() ?? config.get(name) !== value),
  );
}
