import { BATCH_BYTES_MAX } from './record-batch.ts';

/** How much a topic survives: settings, never what happened to be alive when it was made. */
export interface TopicDurability {
  /** Copies of each partition, each on a broker of its own. */
  readonly replicas: number;
  /** So many copies have an event before it is acknowledged: any other one may then be lost. */
  readonly minInsync: number;
  /**
   * Every copy is on the disk before the event is acknowledged. Otherwise it is in the memory of several machines, which
   * a power cut of all of them at once empties: needed where the brokers share one machine, or are one.
   */
  readonly flush: boolean;
}

const REPLICAS = 3;
const MIN_INSYNC = 2;

/** Three copies, two of which acknowledge; less only where somebody says so. One broker has its disk alone. */
export function topicDurability({
  replicas = REPLICAS,
  minInsync = Math.min(MIN_INSYNC, replicas),
  flush = replicas === 1,
}: Partial<TopicDurability> = {}): TopicDurability {
  return { replicas, minInsync, flush };
}

/** A thousand years: no clock is so far ahead. */
const FAR_AHEAD_MS = 1000 * 365 * 86_400_000;

const EXACT: Readonly<Record<string, string>> = {
  // Facts are kept for ever, so that a replay is possible and an acknowledged result is never lost.
  ...{ 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' },
  // kafkajs reads no compression but gzip. What another program has compressed, the broker then stores plain, so that it
  // can be refused instead of stopping its partition.
  'compression.type': 'uncompressed',
  // A copy that lags behind would become the truth where all others are away, and what they acknowledged would be gone.
  'unclean.leader.election.enable': 'false',
  // Brokers refuse what a producer's clock dates an hour ahead of theirs; so they date it themselves. An event has a time of
  // its own.
  'message.timestamp.type': 'LogAppendTime',
};

/** What new topics are made with. */
export function topicConfig({ minInsync, flush }: TopicDurability): Readonly<Record<string, string>> {
  return {
    ...EXACT,
    'max.message.bytes': String(BATCH_BYTES_MAX),
    'min.insync.replicas': String(minInsync),
    ...(flush && { 'flush.messages': '1' }),
  };
}

/** What of a topic's configuration would lose or refuse events, with the values that do not. */
export function weakSettings(
  config: ReadonlyMap<string, string>,
  durability: TopicDurability,
): Readonly<Record<string, string>> {
  const number = (name: string) => Number(config.get(name));
  const isWeak: Readonly<Record<string, () => boolean>> = {
    'max.message.bytes': () => number('max.message.bytes') < BATCH_BYTES_MAX,
    'min.insync.replicas': () => number('min.insync.replicas') < durability.minInsync,
    'flush.messages': () => number('flush.messages') > 1,
    // Topics of before have the producers' times, and older brokers take any.
    'message.timestamp.type': () =>
      config.get('message.timestamp.type') !== 'LogAppendTime' &&
      number('message.timestamp.after.max.ms') < FAR_AHEAD_MS,
  };
  return Object.fromEntries(
    Object.entries(topicConfig(durability)).filter(([name, value]) => isWeak[name]?.() ?? config.get(name) !== value),
  );
}
