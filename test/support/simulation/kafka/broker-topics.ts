import { createKafkaPartition, type KafkaPartition, type PartitionParts } from './kafka-partition.ts';

export interface BrokerTopics {
  create(name: string, partitions: number, replicas: number, config?: ReadonlyMap<string, string>): void;
  names(): readonly { readonly name: string; readonly partitions: number }[];
  partition(topic: string, partition: number): KafkaPartition | undefined;
  partitionsOf(topic: string): readonly KafkaPartition[] | undefined;
  config(topic: string): ReadonlyMap<string, string>;
  all(): readonly { readonly topic: string; readonly partition: number; readonly state: KafkaPartition }[];
}

export const OFFSETS_TOPIC = '__consumer_offsets';
/** Kafka's defaults for a topic that is created without these settings. */
const DEFAULTS = [
  ['cleanup.policy', 'delete'],
  ['retention.ms', '604800000'],
  ['retention.bytes', '-1'],
  ['compression.type', 'producer'],
  ['max.message.bytes', '1048588'],
  ['min.insync.replicas', '1'],
  ['unclean.leader.election.enable', 'false'],
  ['flush.messages', '9223372036854775807'],
] as const;

export function createBrokerTopics(parts: PartitionParts & { readonly ids: readonly number[] }): BrokerTopics {
  const topics = new Map<string, { partitions: readonly KafkaPartition[]; config: ReadonlyMap<string, string> }>();
  const listed: { topic: string; partition: number; state: KafkaPartition }[] = [];
  return {
    create(name, partitions, replicas, config = new Map()) {
      const all = new Map([...DEFAULTS, ...config]);
      const states = Array.from({ length: partitions }, (_, partition) => {
        const placed = parts.ids.map((_, i) => parts.ids[(partition + i) % parts.ids.length]!).slice(0, replicas);
        return createKafkaPartition(parts, {
          replicas: placed,
          minInSync: Math.min(Number(all.get('min.insync.replicas')), replicas),
          batchBytesMax: Number(all.get('max.message.bytes')),
        });
      });
      topics.set(name, { partitions: states, config: all });
      listed.push(...states.map((state, partition) => ({ topic: name, partition, state })));
    },
    names: () => [...topics].map(([name, { partitions }]) => ({ name, partitions: partitions.length })),
    partition: (topic, partition) => topics.get(topic)?.partitions[partition],
    partitionsOf: (topic) => topics.get(topic)?.partitions,
    config: (topic) => topics.get(topic)!.config,
    all: () => listed,
  };
}
