import { execFile, execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startClusterServers } from '../deploy/local/cluster-servers.ts';
import { type RunningCluster, startServices } from '../deploy/local/running-cluster.ts';
import { scratchDirectory } from '../deploy/local/scratch.ts';
import { createLoopFeaturizer, featurizedEvent } from '../services/featurization/loop-featurizer.ts';
import { connectClickHouse } from '../src/adapters/clickhouse/connect.ts';
import { openResultStore } from '../src/adapters/clickhouse/result-store.ts';
import { connectGrpc } from '../src/adapters/grpc/grpc-client.ts';
import { openKafkaEventLog } from '../src/adapters/kafka/event-log.ts';
import { submitSource } from '../src/adapters/remote/submit-source.ts';
import { openFileSource } from '../src/adapters/sources/files/file-source.ts';
import { featureSchemaId } from '../src/featurizers/feature-schema.ts';
import type { NewEvent } from '../src/model/event-record.ts';
import { materialHash } from '../src/model/material-hash.ts';
import type { MaterialId } from '../src/model/material-id.ts';
import { createTopics } from '../src/model/topics.ts';
import type { TopicPartition } from '../src/ports/event-log.ts';
import type { MaterialSource, SourceItem } from '../src/ports/material-source.ts';
import type { Prediction } from '../src/ports/result-store.ts';
import { type Gateway, GatewayDefinition } from '../src/protocol/generated/elastream/v1/services.generated.ts';
import { readToEnd } from '../src/reading/read-to-end.ts';
import { submittedItems } from '../test/support/submitted-items.ts';
import { processUse } from './shard-nodes.ts';

/**
 * Throughput of a whole cluster on this machine: three brokers with three replicas of everything, NATS, ClickHouse's
 * HTTP interface over chdb, four shards and one process of each other service.
 *
 *   npm run bench:cluster -- [materials] [prediction rows] [idle,submit,latency,campaign,tables]
 *
 * 1. Materials with labels through Gateway.Submit, from the first request to the last feature vector in Kafka, with one
 *    and with two featurization processes: materials per second, and each process's share of the CPU time. For
 *    comparison: the same events appended to the same brokers by one producer in batches of the same size, and the same
 *    structures featurized in one thread.
 * 2. Time from the acknowledgement of a submitted, labelled material until its ExampleFormed is read from Kafka, one at
 *    a time on the idle cluster. In a campaign (examples/quickstart.yaml, 20 members): time from the last result of a
 *    round to the selection of the next round, for which all members are trained again and all candidates are
 *    predicted; the times are those of the log.
 * 3. Rows of predictions with the values of 20 members each into ClickHouse. For comparison: the engine's own INSERT
 *    SELECT of these rows.
 */
const MATERIALS = Number(process.argv[2] ?? 3_000);
const ROWS = Number(process.argv[3] ?? 200_000);
const PARTS = (process.argv[4] ?? 'idle,submit,latency,campaign,tables').split(',');
const SINGLES = 100;
/** Number of items that a gateway has at hand, which are appended together. */
const WINDOW = 4096;
const root = resolve(import.meta.dirname, '..');
const examples = join(root, 'examples/elastic-tensor-2015.jsonl.gz');

console.log(
  `${cpus()[0]!.model}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
);
const scratch = scratchDirectory();
const dist = join(root, 'dist');
const servers = await startClusterServers({ directory: scratch.path });
const topics = createTopics({ featureSchema: featureSchemaId('primitive') });
const log = await openKafkaEventLog({ brokers: servers.brokers, clientId: 'bench' });
const cluster = await startServices({ dist, directory: scratch.path, servers, counts: { 'training-shard': 4 } });
await cluster.ready();
const link = connectGrpc({ address: cluster.gatewayUrl });
const gateway = link.client<Gateway>(GatewayDefinition);
const known: (SourceItem & { kind: 'material' })[] = [];
for await (const item of (await openFileSource(examples)).read()) {
  if (item.kind === 'material' && item.label) known.push(item);
}
try {
  if (PARTS.includes('idle')) await idle();
  if (PARTS.includes('submit')) {
    for (const featurizations of [1, 2]) {
      if (featurizations === 2) await (await cluster.add('featurization')).ready();
      await throughput(featurizations);
    }
    await bareBroker();
    bareFeaturizer();
  }
  if (PARTS.includes('latency')) await exampleLatency();
  if (PARTS.includes('campaign')) await campaignLatency();
  if (PARTS.includes('tables')) await tables();
} finally {
  link.close();
  await log.close();
  await cluster.stop();
  await servers.stop();
  await scratch.remove();
}
process.exit(0);

function made(name: string, count: number): MaterialSource {
  return {
    id: name,
    async *read() {
      for (let i = 0; i < count; i++) {
        const item = known[i % known.length]!;
        yield { ...item, material: { ...item.material, id: `${name}-${i}` as MaterialId } };
      }
      return {};
    },
  };
}

function submit(source: MaterialSource) {
  return submitSource(source, { gateway, labelSet: 'bench', retrying: (action) => action() });
}

async function endOf(topic: string): Promise<number> {
  return (await log.endOffsets(topic)).reduce((sum, end) => sum + end, 0);
}

async function throughput(featurizations: number): Promise<void> {
  const name = `made-by-${featurizations}`;
  const wanted = (await endOf(topics.features.name)) + MATERIALS + topics.features.partitions;
  const before = cpuByProcess(cluster);
  const begun = performance.now();
  await submit(made(name, MATERIALS));
  const acknowledged = (performance.now() - begun) / 1000;
  while ((await endOf(topics.features.name)) < wanted) await sleep(20);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`submitted to features, ${featurizations} featurization(s)`, {
    materialsPerSecond: Math.round(MATERIALS / seconds),
    acknowledgedPerSecond: Math.round(MATERIALS / acknowledged),
    seconds: seconds.toFixed(2),
    cpuSeconds: difference(cpuByProcess(cluster), before),
    load: loadavg()[0]!.toFixed(1),
  });
}

/**
 * Appends the events of the first run again: for each partition of each topic, as many events together as a window
 * brings.
 */
async function bareBroker(): Promise<void> {
  for (const flush of [false, true]) await bareAppends(flush);
}

/** @param flush brokers acknowledge from the disk, as brokers on one machine must */
async function bareAppends(flush: boolean): Promise<void> {
  const sources = [topics.materials, topics.labels, topics.features];
  const bare = sources.map(({ name, partitions }) => ({ name: `bench.${flush}.${name}`, partitions }));
  const declaring = await openKafkaEventLog({ brokers: servers.brokers, clientId: 'bench', flush });
  await declaring.declare(bare).finally(() => declaring.close());
  const lanes: { readonly at: TopicPartition; readonly events: NewEvent[] }[] = [];
  for (const [i, { name }] of sources.entries()) {
    const ends = await log.endOffsets(name);
    const ranges = ends.map((to, partition) => ({ topic: name, partition, from: 0, to: Math.floor(to / 2) }));
    const own = ranges.map(({ partition }) => ({
      at: { topic: bare[i]!.name, partition },
      events: [] as NewEvent[],
    }));
    for await (const { partition, records } of log.read(ranges)) own[partition]!.events.push(...records);
    lanes.push(...own);
  }
  const count = lanes.reduce((sum, { events }) => sum + events.length, 0);
  const together = WINDOW / topics.materials.partitions;
  const longest = Math.max(...lanes.map(({ events }) => events.length));
  const begun = performance.now();
  for (let i = 0; i < longest; i += together) {
    await Promise.all(lanes.map(({ at, events }) => log.append(at, events.slice(i, i + together))));
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(`the bare brokers, the same events, acknowledged from ${flush ? 'the disk' : 'memory'}`, {
    materialsPerSecond: Math.round(count / sources.length / seconds),
    eventsPerSecond: Math.round(count / seconds),
  });
}

function bareFeaturizer(): void {
  const featurize = createLoopFeaturizer();
  const events = known.map(({ material }) => {
    return { type: 'MaterialIngested', source: 's', material, materialHash: materialHash(material) } as const;
  });
  const cpu = process.cpuUsage();
  const begun = performance.now();
  for (const event of events) featurizedEvent(event, featurize(event.material));
  const used = process.cpuUsage(cpu);
  console.log('the bare featurizer, one thread', {
    materialsPerSecond: Math.round((1000 * events.length) / (performance.now() - begun)),
    perCpuSecond: Math.round((1e6 * events.length) / (used.user + used.system)),
  });
}

async function exampleLatency(): Promise<void> {
  const seen = new Map<string, number>();
  const ends = await log.endOffsets(topics.examples.name);
  const from = ends.map((offset, partition) => ({ topic: topics.examples.name, partition, offset }));
  const follower = await log.follow({
    from,
    async onBatch({ records }) {
      for (const { key } of records) seen.set(Buffer.from(key).toString(), performance.now());
    },
  });
  const acknowledged = new Map<string, number>();
  async function* oneByOne() {
    for (let i = 0; i < SINGLES; i++) {
      const id = `single-${i}` as MaterialId;
      const item = known[i % known.length]!;
      const [request] = submittedItems([{ ...item, material: { ...item.material, id } }], 'bench');
      yield { ...request!, clientId: id };
      while (!(seen.has(id) && acknowledged.has(id))) await sleep(1);
    }
  }
  for await (const { clientId } of gateway.Submit(oneByOne())) acknowledged.set(clientId, performance.now());
  const times = [...acknowledged].map(([id, time]) => seen.get(id)! - time);
  await follower.stop();
  console.log('acknowledged to ExampleFormed, ms', { ...quantiles(times), load: loadavg()[0]!.toFixed(1) });
}

async function campaignLatency(): Promise<void> {
  const run = ['run', join(root, 'examples/quickstart.yaml')];
  const flags = ['--cluster', cluster.gatewayUrl, '--quiet', '--no-report'];
  await promisify(execFile)(process.execPath, [join(dist, 'src/cli/main.js'), ...run, ...flags]);
  const results: number[] = [];
  const selections: number[] = [];
  const training: number[] = [];
  await readToEnd(log, {
    topics: [topics.results, topics.campaigns, topics.members],
    take({ event, time }) {
      if (event.type === 'ResultReceived') results.push(Date.parse(time));
      if (event.type === 'Selected') selections.push(Date.parse(time));
      if (event.type === 'MemberTrained') training.push(event.seconds);
    },
  });
  const latencies = selections.slice(1).map((selected, i) => {
    const ofRound = results.filter((time) => time > selections[i]! && time <= selected);
    return selected - Math.max(...ofRound);
  });
  console.log("a round's last result to the next round's predictions ranked, ms", {
    ...quantiles(latencies),
    rounds: latencies.length,
    trainingSecondsPerMember: quantiles(training),
    load: loadavg()[0]!.toFixed(1),
  });
}

async function tables(): Promise<void> {
  const connection = connectClickHouse({ url: servers.clickhouseUrl });
  const store = await openResultStore(connection);
  function* rows(): Generator<Prediction> {
    for (let i = 0; i < ROWS; i++) {
      const mean = 50 + 40 * Math.sin(i);
      const memberValues = Array.from({ length: 20 }, (_, m) => mean + Math.cos(m * i));
      const target = i & 1 ? 'g_vrh' : 'k_vrh';
      yield { partition: i & 63, materialId: `made-${i >> 1}` as MaterialId, target, mean, stdev: 1, memberValues };
    }
  }
  const partitions = Array.from({ length: 64 }, (_, i) => i);
  const batch = { campaign: 'bench', round: 1, epoch: 1, snapshotHash: 'h1:0', partitions };
  const begun = performance.now();
  await store.storePredictions(batch, rows());
  const seconds = (performance.now() - begun) / 1000;
  await sql('CREATE TABLE bench_bulk AS stored_predictions');
  const bulk = performance.now();
  await sql("INSERT INTO bench_bulk SELECT * FROM stored_predictions WHERE campaign = 'bench'");
  const bulkSeconds = (performance.now() - bulk) / 1000;
  console.log('rows of predictions into ClickHouse, 20 members each', {
    rowsPerSecond: Math.round(ROWS / seconds),
    engineAlone: Math.round(ROWS / bulkSeconds),
    load: loadavg()[0]!.toFixed(1),
  });
  await store.close();
}

async function sql(statement: string): Promise<void> {
  const response = await fetch(servers.clickhouseUrl, { method: 'POST', body: statement });
  if (!response.ok) throw new Error(await response.text());
}

/** Measures the CPU share of all processes while nothing happens. */
async function idle(): Promise<void> {
  await sleep(5_000);
  const before = cpuByProcess(cluster);
  const seconds = 20;
  await sleep(1000 * seconds);
  const used = difference(cpuByProcess(cluster), before);
  const all = Object.values(used).reduce((sum, one) => sum + one, 0);
  console.log('idle', { coresInUse: (all / seconds).toFixed(3), cpuSeconds: used, seconds });
}

/** CPU seconds of the services by kind, of the brokers, and of all other processes that this process has started. */
function cpuByProcess({ services }: RunningCluster): Record<string, number> {
  const kinds = new Map(services.map(({ pid, service }) => [pid, service as string]));
  const list = execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  const used: Record<string, number> = { bench: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 };
  for (const line of list.trim().split('\n')) {
    const [pid, command] = line.trim().split(/\s+/, 2) as [string, string];
    if (command === 'ps') continue;
    const kind = kinds.get(Number(pid)) ?? { java: 'brokers' }[command] ?? command;
    used[kind] = (used[kind] ?? 0) + processUse(Number(pid)).cpuSeconds;
  }
  return used;
}

function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([kind, used]) => [kind, Math.round(100 * (used - (before[kind] ?? 0))) / 100]),
  );
}

function quantiles(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (q: number) => Number(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]?.toFixed(2));
  return { p50: at(0.5), p99: at(0.99) };
}
