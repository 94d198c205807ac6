import { CODES } from './broker-errors.ts';
import type { ClusterView, RequestHandlers } from './request-handlers.ts';

interface MetadataParams {
  readonly topics: readonly string[];
}

interface CreateTopicsParams {
  readonly topics: readonly {
    readonly topic: string;
    readonly numPartitions: number;
    readonly replicationFactor: number;
    readonly configEntries?: readonly { readonly name: string; readonly value: string }[];
  }[];
}

interface DescribeConfigsParams {
  readonly resources: readonly { readonly type: number; readonly name: string }[];
}

/** High enough for kafkajs to use the newest version that it knows. */
const VERSION_MAX = 99;
const API_KEYS = 50;

/** ApiVersions, Metadata, CreateTopics and DescribeConfigs. */
export function createAdminRequests({ topics, alive, address }: ClusterView): RequestHandlers {
  const controller = () => Math.min(...alive());

  function topicMetadata(topic: string): object {
    const partitions = topics.partitionsOf(topic);
    if (!partitions) {
      const topicErrorCode = CODES.UNKNOWN_TOPIC_OR_PARTITION;
      return { topicErrorCode, topic, isInternal: false, partitionMetadata: [] };
    }
    const partitionMetadata = partitions.map((state, partitionId) => ({
      partitionErrorCode: CODES[state.leader() < 0 ? 'LEADER_NOT_AVAILABLE' : 'NONE'],
      partitionId,
      leader: state.leader(),
      replicas: state.settings.replicas,
      isr: state.inSync(),
      offlineReplicas: state.settings.replicas.filter((broker) => !alive().includes(broker)),
    }));
    return { topicErrorCode: 0, topic, isInternal: topic.startsWith('__'), partitionMetadata };
  }

  function create({ topic, numPartitions, replicationFactor, configEntries = [] }: CreateTopicsParams['topics'][0]) {
    if (topics.partitionsOf(topic)) return CODES.TOPIC_ALREADY_EXISTS;
    if (replicationFactor > alive().length) return CODES.INVALID_REPLICATION_FACTOR;
    const config = new Map(configEntries.map(({ name, value }) => [name, value]));
    topics.create(topic, numPartitions, replicationFactor, config);
    return CODES.NONE;
  }

  return {
    ApiVersions: async () => ({
      errorCode: 0,
      apiVersions: Array.from({ length: API_KEYS }, (_, apiKey) => ({
        apiKey,
        minVersion: 0,
        maxVersion: VERSION_MAX,
      })),
    }),
    Metadata: async (_, { topics: asked }: MetadataParams) => ({
      brokers: alive().map((nodeId) => ({ nodeId, ...address(nodeId), rack: null })),
      clusterId: 'simulated',
      controllerId: controller(),
      topicMetadata: (asked.length > 0 ? asked : topics.names().map(({ name }) => name)).map(topicMetadata),
    }),
    CreateTopics: async ({ broker }, { topics: wanted }: CreateTopicsParams) => ({
      topicErrors: wanted.map((one) => {
        const errorCode = broker === controller() ? create(one) : CODES.NOT_CONTROLLER;
        return { topic: one.topic, errorCode, errorMessage: null };
      }),
    }),
    DescribeConfigs: async (_, { resources }: DescribeConfigsParams) => ({
      resources: resources.map(({ type: resourceType, name: resourceName }) => {
        const known = topics.partitionsOf(resourceName) ? [...topics.config(resourceName)] : undefined;
        return {
          errorCode: CODES[known ? 'NONE' : 'UNKNOWN_TOPIC_OR_PARTITION'],
          errorMessage: null,
          resourceType,
          resourceName,
          configEntries: (known ?? []).map(([configName, configValue]) => ({ configName, configValue })),
        };
      }),
    }),
  };
}
