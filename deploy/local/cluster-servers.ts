import { join } from 'node:path';
import { hasContainerEngine, startClickHouseContainer } from './clickhouse/clickhouse-container.ts';
import { startClickHouseServer } from './clickhouse/clickhouse-server.ts';
import { freePorts } from './free-ports.ts';
import { type BrokerListeners, type KafkaCluster, startKafkaCluster } from './kafka/kafka-cluster.ts';
import { type NatsServer, startNatsServer } from './nats/nats-server.ts';
import { provideNatsServer } from './nats/nats-server-binary.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** The servers that the services need: started here, or named by the environment. */
export interface ClusterServers {
  readonly brokers: readonly string[];
  /** Replicas of each topic if the brokers were started here. For other brokers KAFKA_REPLICAS tells it. */
  readonly replicas?: number;
  readonly natsUrl: string;
  readonly clickhouseUrl: string;
  /** Absent if this program did not start the brokers and may not stop them. */
  readonly kafka?: KafkaCluster;
  readonly nats?: NatsServer;
  readonly clickhouse?: SupervisedProcess;
  /** Directory of ClickHouse's data, for a test that wipes it. */
  readonly clickhouseData?: string;
  stop(): Promise<void>;
}

export interface ServersPlan {
  /** Directory for the servers' data and logs. */
  readonly directory: string;
  readonly brokerCount?: 1 | 3;
  /** Used with three brokers. */
  readonly links?: BrokerListeners;
}

export async function startClusterServers({ directory, brokerCount = 3, links }: ServersPlan): Promise<ClusterServers> {
  const { KAFKA_BROKERS, NATS_URL, CLICKHOUSE_URL } = process.env;
  const stops: (() => Promise<unknown>)[] = [];
  const started = <T extends { stop(): Promise<unknown> }>(server: T): T => {
    stops.push(() => server.stop());
    return server;
  };
  const stop = async () => {
    await Promise.all(stops.map((one) => one()));
  };
  const [port] = await freePorts(1);
  try {
    const [kafka, nats, clickhouse] = await Promise.all([
      KAFKA_BROKERS === undefined
        ? startKafkaCluster(brokerCount, { ...(links && { links }) }).then(started)
        : undefined,
      NATS_URL === undefined ? provideNatsServer().then(startNatsServer).then(started) : undefined,
      CLICKHOUSE_URL === undefined ? startClickHouse(directory, port!).then(started) : undefined,
    ]);
    return {
      brokers: kafka?.brokers ?? KAFKA_BROKERS!.split(','),
      natsUrl: nats?.url ?? NATS_URL!,
      clickhouseUrl: clickhouse?.url ?? CLICKHOUSE_URL!,
      ...(kafka && { kafka, replicas: brokerCount }),
      ...(nats && { nats }),
      ...(clickhouse?.standIn && {
        clickhouse: clickhouse.standIn,
        clickhouseData: join(directory, 'clickhouse/data'),
      }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts ClickHouse in a container if there is a container engine, otherwise made from chdb's library. */
async function startClickHouse(
  directory: string,
  port: number,
): Promise<{ readonly url: string; readonly standIn?: SupervisedProcess; stop(): Promise<unknown> }> {
  if (await hasContainerEngine()) return startClickHouseContainer(directory);
  const logFile = join(directory, 'clickhouse.log');
  const standIn = startClickHouseServer({ port, directory: join(directory, 'clickhouse'), logFile });
  await standIn.ready();
  return { url: `http://127.0.0.1:${port}`, standIn, stop: () => standIn.stop() };
}
