import { join } from 'node:path';
import { READING_USER } from '../../src/adapters/chdb/engine-users.ts';
import type { ClusterServers } from './cluster-servers.ts';
import { freePorts } from './free-ports.ts';
import { type SupervisedProcess, startSupervised } from './supervised-process.ts';

export const SERVICES = [
  'ingestion',
  'featurization',
  'training-shard',
  'acquisition',
  'calculation',
  'projection',
  'gateway',
] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface ServicesPlan {
  /** Directory of the compiled program. */
  readonly dist: string;
  /** Directory for the services' logs. */
  readonly directory: string;
  readonly servers: Pick<ClusterServers, 'brokers' | 'replicas' | 'natsUrl' | 'clickhouseUrl'>;
  /** Number of processes of each service; default 1. */
  readonly counts?: Partial<Record<ServiceName, number>>;
  /** Additional environment of a service, by its name such as `training-shard-2`. */
  readonly env?: (name: string) => Readonly<Record<string, string>>;
}

export interface RunningService extends SupervisedProcess {
  readonly service: ServiceName;
  /** URL of health, readiness and metrics. */
  readonly statusUrl: string;
  /** `host:port` for calls. */
  readonly address: string;
}

export interface RunningCluster {
  readonly gatewayUrl: string;
  readonly services: readonly RunningService[];
  add(service: ServiceName): Promise<RunningService>;
  ready(): Promise<void>;
  /** Stops all services gracefully. @returns the exit codes by name */
  stop(): Promise<ReadonlyMap<string, number | null>>;
}

/** Starts every service in processes of its own, with the real main programs. */
export async function startServices(plan: ServicesPlan): Promise<RunningCluster> {
  const services: RunningService[] = [];
  const counted = new Map<ServiceName, number>();
  const add = async (service: ServiceName) => {
    const number = (counted.get(service) ?? 0) + 1;
    counted.set(service, number);
    const started = await startService(`${service}-${number}`, service, plan);
    services.push(started);
    return started;
  };
  for (const service of SERVICES) {
    for (let i = 0; i < (plan.counts?.[service] ?? 1); i++) await add(service);
  }
  return {
    gatewayUrl: `grpc://${services.find(({ service }) => service === 'gateway')?.address}`,
    services,
    add,
    ready: async () => void (await Promise.all(services.map((service) => service.ready()))),
    async stop() {
      const codes = await Promise.all(services.map((service) => service.stop()));
      return new Map(services.map(({ name }, i) => [name, codes[i]!]));
    },
  };
}

async function startService(name: string, service: ServiceName, plan: ServicesPlan): Promise<RunningService> {
  const { dist, directory, servers } = plan;
  const [grpc, http] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`) as [string, string];
  const supervised = startSupervised({
    name,
    args: [join(dist, 'services', service, 'main.js')],
    env: {
      ELASTREAM_NODE: name,
      KAFKA_BROKERS: servers.brokers.join(','),
      // Tests do not simulate a power cut, and waiting for the disk takes time.
      ...(servers.replicas !== undefined && { KAFKA_REPLICAS: String(servers.replicas), KAFKA_FLUSH: '0' }),
      NATS_URL: servers.natsUrl,
      CLICKHOUSE_URL: servers.clickhouseUrl,
      CLICKHOUSE_READER_USERNAME: process.env.CLICKHOUSE_READER_USERNAME ?? READING_USER,
      ELASTREAM_GRPC_LISTEN: grpc,
      ELASTREAM_HTTP_LISTEN: http,
      ELASTREAM_WORKERS: '1',
      ...plan.env?.(name),
    },
    logFile: join(directory, `${name}.log`),
    isReady: async () => (await fetch(`http://${http}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok,
  });
  return Object.assign(Object.create(supervised), { service, statusUrl: `http://${http}`, address: grpc });
}
