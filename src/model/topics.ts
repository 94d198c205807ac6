import { AppError } from './app-error.ts';

/** A topic of the log. Its number of partitions never changes: a key's partition, and so the order, depends on it. */
export interface Topic {
  readonly name: string;
  readonly partitions: number;
}

/**
 * All topics of one feature schema. Topics with the same key have the same number of partitions, so that one shard owns
 * the same partitions of each.
 */
export interface Topics {
  /** Keyed by material id. */
  readonly materials: Topic;
  readonly labels: Topic;
  readonly features: Topic;
  readonly examples: Topic;
  readonly calculations: Topic;
  /** Raw DFT results, keyed by the parent material's id. */
  readonly results: Topic;
  /**
   * Assigned by member index (`memberPartition`), not by hash: a hash would give some shards two members, some none.
   */
  readonly training: Topic;
  readonly members: Topic;
  /** Keyed by campaign. */
  readonly campaigns: Topic;
  /** Keyed by the hash of source and input. */
  readonly rejections: Topic;
}

export const MATERIAL_PARTITIONS = 64;
const CAMPAIGN_PARTITIONS = 16;
/** The names that Kafka allows for topics. */
const SCHEMA_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

export interface TopicSettings {
  /** Version of the feature schema: a new version gets a new topic. */
  readonly featureSchema: string;
  /** Tests may set 8, in both modes alike. */
  readonly materialPartitions?: number;
  readonly campaignPartitions?: number;
}

/** The kind of events in a topic, without version or feature schema: `features`. */
export function topicKind(name: string): string {
  return name.split('.')[1] ?? '';
}

export function createTopics(settings: TopicSettings): Topics {
  if (!SCHEMA_NAME.test(settings.featureSchema)) {
    throw new AppError(
      'invalid_argument',
      `"${settings.featureSchema}" cannot name a topic; use letters, digits, _ and -`,
    );
  }
  const many = settings.materialPartitions ?? MATERIAL_PARTITIONS;
  const few = settings.campaignPartitions ?? CAMPAIGN_PARTITIONS;
  const topic = (name: string, partitions: number): Topic => ({ name: `elastream.${name}.v1`, partitions });
  return {
    materials: topic('materials', many),
    labels: topic('labels', many),
    features: topic(`features.${settings.featureSchema}`, many),
    examples: topic('examples', many),
    calculations: topic('calculations', many),
    results: topic('results', many),
    training: topic('training', many),
    members: topic('members', many),
    campaigns: topic('campaigns', few),
    rejections: topic('rejections', few),
  };
}

/** The feature schema of a features topic; undefined for any other topic. */
export function featureSchemaOf(topic: string): string | undefined {
  return /^elastream\.features\.([a-zA-Z0-9_-]{1,64})\.v1$/.exec(topic)?.[1];
}
