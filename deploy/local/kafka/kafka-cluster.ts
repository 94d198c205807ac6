import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { createCluster } from '../../../src/adapters/kafka/cluster.ts';
import { freePorts } from '../free-ports.ts';
import { scratchDirectory } from '../scratch.ts';
import { provideBrokerJars } from './broker-jars.ts';

/** Real brokers, started for a test or for the local cluster, or those of `KAFKA_BROKERS`. */
export interface KafkaCluster {
  readonly brokers: readonly string[];
  /** Addresses of the second listeners, if requested. */
  readonly secured: readonly string[];
  /** Kills a broker as a power cut would. */
  kill(broker: number): Promise<void>;
  /** Suspends a broker: connections stay open and nothing is answered. */
  freeze(broker: number): Promise<void>;
  thaw(broker: number): void;
  /** Restarts a broker and waits until every partition has all its replicas in sync. */
  restart(broker: number): Promise<void>;
  /** Empties the disk of a broker that does not run; it keeps its id. */
  loseDisk(broker: number): Promise<void>;
  /** Where the data of a broker is, to be copied while it does not run. */
  dataOf(broker: number): string;
  /** Waits until all brokers answer and every partition has all its replicas in sync. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];
const CLUSTER_ID = 'ZWxhc3RyZWFtLXRlc3QtMQ';
/** Enough on a busy machine, too. */
const READY_MS_MAX = 180_000;

export interface ClusterOptions {
  /** Brokers that are not started with the others; `restart` starts them. */
  readonly absent?: readonly number[];
  /** Additional listeners for clients and the other brokers. */
  readonly links?: BrokerListeners;
  /** Opens a second listener, SECURED, with SASL over TLS: its settings, and additional arguments of `format`. */
  readonly secured?: { readonly settings: Readonly<Record<string, string>>; readonly format: readonly string[] };
}

/** Additional listeners of the brokers: each connection has its own line, on which a test can cause faults. */
export interface BrokerListeners {
  settings(broker: number, listeners: string, advertised: string): Record<string, unknown>;
}

export async function startKafkaCluster(count: 1 | 3, options: ClusterOptions = {}): Promise<KafkaCluster> {
  const existing = process.env.KAFKA_BROKERS;
  if (existing !== undefined && count === 1 && !options.secured) {
    return {
      brokers: existing.split(','),
      secured: [],
      kill: notOurs,
      freeze: notOurs,
      thaw: notOurs,
      restart: notOurs,
      loseDisk: notOurs,
      dataOf: notOurs,
      ready: async () => {},
      stop: async () => {},
    };
  }
  const jars = await provideBrokerJars();
  const scratch = scratchDirectory();
  const ports = await freePorts(3 * count);
  const [brokers, , secured] = [0, 1, 2].map((n) =>
    ports.slice(n * count, (n + 1) * count).map((port) => `127.0.0.1:${port}`),
  ) as [string[], string[], string[]];
  const processes: ChildProcess[] = [];
  const start = (broker: number) => {
    processes[broker] = java(jars, join(scratch.path, String(broker)), ['kafka.Kafka', 'server.properties']);
  };
  const kill = async (broker: number) => {
    const process = processes[broker];
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    process.kill('SIGKILL');
    await once(process, 'exit');
  };
  const stop = async () => {
    await Promise.all(processes.map((_, broker) => kill(broker)));
    await scratch.remove();
  };
  const formatted = (broker: number) => {
    const settings = {
      ...serverSettings(broker, ports, options.secured !== undefined, options.links),
      ...options.secured?.settings,
    };
    return format(jars, join(scratch.path, String(broker)), settings, options.secured?.format ?? []);
  };
  const dataOf = (broker: number) => join(scratch.path, String(broker), 'data');
  const loseDisk = async (broker: number) => {
    rmSync(dataOf(broker), { recursive: true });
    await formatted(broker);
  };
  try {
    await Promise.all([...brokers.keys()].map(formatted));
    const started = [...brokers.keys()].filter((broker) => !options.absent?.includes(broker));
    for (const broker of started) start(broker);
    await ready(
      started.map((broker) => brokers[broker]!),
      scratch.path,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const restart = async (broker: number) => {
    start(broker);
    await ready(brokers, scratch.path);
  };
  const freeze = async (broker: number) => {
    const process = processes[broker]!;
    process.kill('SIGSTOP');
    // On a busy machine its threads run on for a while.
    const state = () => execFileSync('ps', ['-o', 'state=', '-p', String(process.pid)], { encoding: 'utf8' });
    while (!state().startsWith('T')) await sleep(1);
  };
  const thaw = (broker: number) => void processes[broker]!.kill('SIGCONT');
  const isReady = () => ready(brokers, scratch.path);
  return { brokers, secured, kill, freeze, thaw, restart, loseDisk, dataOf, ready: isReady, stop };
}

function notOurs(): never {
  throw new Error('the brokers of KAFKA_BROKERS are not ours to kill; unset it');
}

async function format(
  jars: string,
  directory: string,
  settings: Readonly<Record<string, unknown>>,
  more: readonly string[],
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(directory, 'server.properties'), lines.join(''));
  writeFileSync(join(directory, 'log4j2.properties'), LOGGING);
  const tool = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', 'server.properties', ...more];
  const process = java(jars, directory, tool);
  const [code] = await once(process, 'exit');
  if (code !== 0) throw new Error(`Kafka did not format ${directory}: ${brokerLog(directory)}`);
}

function java(jars: string, cwd: string, args: readonly string[]): ChildProcess {
  const process = spawn(
    'java',
    [...JVM, '-Dlog4j2.configurationFile=log4j2.properties', '-cp', join(jars, '*'), ...args],
    {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log = createWriteStream(join(cwd, 'broker.log'), { flags: 'a' });
  process.stdout.pipe(log, { end: false });
  process.stderr.pipe(log, { end: false });
  return process;
}

function brokerLog(directory: string): string {
  return readFileSync(join(directory, 'broker.log'), 'utf8').slice(-3000);
}

const LOGGING = `
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %m%n
`;

/**
 * Settings of a combined broker and controller. Elections wait half a second instead of two, so that tests are faster.
 */
function serverSettings(
  broker: number,
  ports: readonly number[],
  secured: boolean,
  links?: BrokerListeners,
): Record<string, unknown> {
  const count = ports.length / 3;
  const voters = ports.slice(count, 2 * count).map((port, id) => `${id}@127.0.0.1:${port}`);
  const listener = (name: string, n: number) => `${name}://127.0.0.1:${ports[n * count + broker]}`;
  const listeners = [
    listener('PLAINTEXT', 0),
    listener('CONTROLLER', 1),
    ...(secured ? [listener('SECURED', 2)] : []),
  ].join();
  return {
    'process.roles': 'broker,controller',
    'node.id': broker,
    'controller.quorum.voters': voters.join(','),
    listeners,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT,SECURED:SASL_SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    ...links?.settings(broker, listeners, listener('PLAINTEXT', 0)),
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': 'data',
    'auto.create.topics.enable': true,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': count,
    'transaction.state.log.num.partitions': 2,
    'transaction.state.log.replication.factor': count,
    'transaction.state.log.min.isr': count === 3 ? 2 : 1,
    'group.initial.rebalance.delay.ms': 0,
    'controller.quorum.election.timeout.ms': 500,
    'controller.quorum.fetch.timeout.ms': 1000,
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'replica.lag.time.max.ms': 3000,
  };
}

/** Waits until every broker answers, knows all others, and sees each partition with all its replicas in sync. */
async function ready(brokers: readonly string[], directory: string): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const whole = await Promise.all(brokers.map((broker) => seesAll(broker, brokers.length).catch(() => false)));
    if (whole.every((is) => is)) return;
    if (performance.now() > deadline) {
      const logs = brokers.map((_, broker) => brokerLog(join(directory, String(broker))));
      throw new Error(`Kafka's brokers were not ready within ${READY_MS_MAX} ms:\n${logs.join('\n')}`);
    }
    await sleep(200);
  }
}

/** Asks only this broker: the other brokers take a killed one for alive until its session ends. */
async function seesAll(broker: string, count: number): Promise<boolean> {
  const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 0 } });
  const [admin, view] = [kafka.admin(), createCluster(kafka)];
  try {
    await Promise.all([admin.connect(), view.connect()]);
    // With an empty list kafkajs asks the only broker that it knows, and for all topics.
    await view.addMultipleTargetTopics([]);
    const partitions = (await admin.listTopics()).flatMap((topic) => view.findTopicPartitionMetadata(topic));
    return (
      view.getNodeIds().length === count && partitions.every(({ isr, replicas }) => isr.length === replicas.length)
    );
  } finally {
    await Promise.all([admin.disconnect(), view.disconnect()]).catch(() => {});
  }
}
