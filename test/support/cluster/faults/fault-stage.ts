import type { ClusterServers } from '../../../../deploy/local/cluster-servers.ts';
import { startClusterServers } from '../../../../deploy/local/cluster-servers.ts';
import { type RunningCluster, type ServiceName, startServices } from '../../../../deploy/local/running-cluster.ts';
import { startBrokerLinks } from '../../kafka/broker-links.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';

/** Two instances of the services that take over from each other or share partitions; one instance of the others. */
const COUNTS = { 'training-shard': 2, acquisition: 2, calculation: 2 } as const;
/** The services that connect to each server, each through its own proxy; one proxy per broker serves all services. */
const SPEAKERS = {
  nats: ['training-shard-1', 'training-shard-2', 'acquisition-1', 'acquisition-2', 'gateway-1'],
  clickhouse: ['training-shard-1', 'training-shard-2', 'projection-1', 'gateway-1'],
} as const;
/** Services that others call. They announce this address, where a proxy listens, and listen at 127.0.0.1. */
const CALLED: readonly ServiceName[] = ['training-shard', 'acquisition', 'gateway'];
const PROXY_HOST = '127.0.0.2';

/** A whole cluster to which faults can be applied. */
export interface FaultStage {
  readonly servers: ClusterServers;
  readonly services: RunningCluster;
  /** The links between two parties, by name: `nats of gateway-1`, `calls to acquisition-2`. */
  readonly links: ReadonlyMap<string, TcpProxy>;
  /** The links between services and a broker, and between a broker and the other brokers. */
  readonly brokerLinks: ReadonlyMap<string, TcpProxy>;
  /** The address of the gateway's link. */
  readonly gatewayUrl: string;
  /** Resolves when all our services and servers answer and every partition has all its replicas. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export interface StagePlan {
  /** The built program's folder. */
  readonly dist: string;
  /** Holds the servers' data and all logs. */
  readonly directory: string;
}

export async function startFaultStage({ dist, directory }: StagePlan): Promise<FaultStage> {
  const links = new Map<string, TcpProxy>();
  const brokerLinks = await startBrokerLinks(3);
  const servers = await startClusterServers({ directory, links: brokerLinks });
  let services: RunningCluster | undefined;
  const stop = async () => {
    await services?.stop();
    await Promise.all([servers.stop(), ...[...links.values()].map((link) => link.stop())]);
    await brokerLinks.stop();
  };
  try {
    const targets = { nats: hostPort(servers.natsUrl), clickhouse: hostPort(servers.clickhouseUrl) };
    for (const [server, speakers] of Object.entries(SPEAKERS)) {
      const target = targets[server as keyof typeof targets];
      for (const speaker of speakers) links.set(`${server} of ${speaker}`, await startTcpProxy({ target }));
    }
    const addressed = (link: string, scheme: string) => {
      const proxy = links.get(link);
      return proxy && `${scheme}://${proxy.address}`;
    };
    services = await startServices({
      dist,
      directory,
      servers,
      counts: COUNTS,
      env: (name) => {
        const [nats, clickhouse] = [addressed(`nats of ${name}`, 'nats'), addressed(`clickhouse of ${name}`, 'http')];
        return {
          ELASTREAM_GRPC_ADVERTISE: PROXY_HOST,
          KAFKA_BROKERS: brokerLinks.addresses.join(),
          ...(nats && { NATS_URL: nats }),
          ...(clickhouse && { CLICKHOUSE_URL: clickhouse }),
        };
      },
    });
    for (const { name, service, address } of services.services) {
      if (!CALLED.includes(service)) continue;
      const listen = address.replace('127.0.0.1', PROXY_HOST);
      links.set(`calls to ${name}`, await startTcpProxy({ target: address, listen }));
    }
    await services.ready();
  } catch (error) {
    await stop();
    throw error;
  }
  const running = services;
  return {
    servers,
    services,
    links,
    stop,
    brokerLinks: brokerLinks.links,
    gatewayUrl: `grpc://${links.get('calls to gateway-1')!.address}`,
    ready: async () => void (await Promise.all([servers.clickhouse?.ready(), running.ready()])),
  };
}

function hostPort(url: string): string {
  return url.replace(/^\w+:\/\//, '').replace(/\/$/, '');
}
