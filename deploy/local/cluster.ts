// `npm run cluster`: the whole system on this machine without containers. It starts three Kafka brokers, NATS and
// ClickHouse (built from chdb's library with a C compiler), then every service in its own process. Servers that
// KAFKA_BROKERS, NATS_URL or CLICKHOUSE_URL name are used instead.
// Ctrl-C or SIGTERM stops everything that was started. A terminal sends Ctrl-C to every process of its group, so the
// services would end at the same time as their brokers. Therefore everything runs in a process group of its own. Its
// parent process stays outside, receives the signal, and leaves no process of that group behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { listenForInterruption } from '../../src/cli/interruption.ts';
import { type ClusterServers, startClusterServers } from './cluster-servers.ts';
import { type RunningCluster, type RunningService, startServices } from './running-cluster.ts';

const HELP = `Usage: npm run cluster -- [options]

Options:
  --shards N     training shards (4)
  --others N     of each other service but the gateway (1)
  --brokers N    Kafka brokers, 1 or 3 (3)
  --dist DIR     the built program (dist)
  --json         the addresses as one JSON object, once all are ready
  --keep         leave logs and data where they are at the end
  -h, --help

Examples:
  npm run cluster
  npx elastream run examples/quickstart.yaml --cluster grpc://127.0.0.1:PORT
  KAFKA_BROKERS=127.0.0.1:9092 npm run cluster -- --shards 2
`;

const { values: options } = parseArgs({
  options: {
    shards: { type: 'string', default: '4' },
    others: { type: 'string', default: '1' },
    brokers: { type: 'string', default: '3' },
    dist: { type: 'string', default: resolve(import.meta.dirname, '../../dist') },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const { dist } = options;
// vite-node's handler would end this process at once and leave all others running.
process.removeAllListeners('SIGTERM');
if (options.help) process.stdout.write(HELP);
else if (!existsSync(join(dist, 'services/gateway/main.js'))) fail('the services are not built: npm run build');
else if (process.send === undefined) process.exitCode = await runInOwnGroup();
else {
  await run();
  // The parent process ends whatever was just starting.
  process.exit();
}

async function runInOwnGroup(): Promise<number> {
  const root = resolve(import.meta.dirname, '../..');
  const viteNode = join(root, 'node_modules/vite-node/vite-node.mjs');
  const args = [viteNode, '--script', import.meta.filename, ...process.argv.slice(2)];
  const group = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const interruption = listenForInterruption(() => group.kill('SIGTERM'));
  process.on('SIGHUP', () => group.kill('SIGTERM'));
  process.on('exit', () => endGroup(group));
  let directory: string | undefined;
  group.on('message', (name: string) => {
    directory = name;
  });
  const [code] = (await once(group, 'exit')) as [number | null];
  interruption.dispose();
  endGroup(group);
  // What was just starting has written until now.
  if (directory !== undefined && !options.keep) remove(directory);
  return code ?? 1;
}

/** Kills processes that were started a moment before the signal. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
}

async function run(): Promise<void> {
  const [shards, others] = [wholeNumber(options.shards, 'shards'), wholeNumber(options.others, 'others')];
  const brokerCount = options.brokers === '1' ? 1 : 3;
  const directory = mkdtempSync(join(tmpdir(), 'elastream-cluster-'));
  process.send!(directory);
  const stopping = new Promise<void>((heard) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => heard());
    // The parent process, which would forward signals, is gone.
    process.on('disconnect', () => heard());
  });
  let servers: ClusterServers | undefined;
  let cluster: RunningCluster | undefined;
  try {
    note(`starting ${brokerCount} Kafka brokers, NATS and ClickHouse; logs are in ${directory}`);
    servers = await unless(stopping, startClusterServers({ directory, brokerCount }));
    if (servers === undefined) return;
    const counts = { 'training-shard': shards, ingestion: others, featurization: others, acquisition: others };
    note('starting the services');
    cluster = await startServices({
      dist,
      directory,
      servers,
      counts: { ...counts, calculation: others, projection: others },
      // A power cut stops all brokers of this machine at once.
      env: () => ({ KAFKA_FLUSH: process.env.KAFKA_FLUSH ?? '1' }),
    });
    const ready = cluster.ready().then(() => true);
    if (await unless(stopping, ready)) print(servers, cluster);
    await stopping;
  } finally {
    note('stopping');
    const codes = await cluster?.stop();
    await servers?.stop();
    const ended = [...(codes ?? [])].filter(([, code]) => code !== 0);
    if (ended.length > 0) note(`did not stop well: ${ended.map(([name, code]) => `${name} (${code})`).join(', ')}`);
    if (options.keep) note(`logs and data: ${directory}`);
    else if (!process.connected) remove(directory);
  }
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** Returns undefined if everything must stop first. */
function unless<T>(stopping: Promise<void>, work: Promise<T>): Promise<T | undefined> {
  work.catch(() => {});
  return Promise.race([work, stopping.then(() => undefined)]);
}

function print(servers: ClusterServers, { gatewayUrl, services }: RunningCluster): void {
  const { brokers, natsUrl, clickhouseUrl } = servers;
  if (options.json) {
    const shown = services.map(({ name, pid, address, statusUrl }) => ({ name, pid, address, status: statusUrl }));
    process.stdout.write(
      `${JSON.stringify({ gateway: gatewayUrl, brokers, natsUrl, clickhouseUrl, services: shown })}\n`,
    );
    return;
  }
  const width = Math.max(...services.map(({ name }) => name.length));
  const line = ({ name, pid, address, statusUrl }: RunningService) =>
    `  ${name.padEnd(width)}  pid ${String(pid).padEnd(7)}  calls ${address}  status ${statusUrl}`;
  const standIn = servers.clickhouse ? " (made from chdb's library)" : '';
  process.stdout.write(`
gateway     ${gatewayUrl}
kafka       ${brokers.join(',')}
nats        ${natsUrl}
clickhouse  ${clickhouseUrl}${standIn}

${services.map(line).join('\n')}

  npx elastream run examples/quickstart.yaml --cluster ${gatewayUrl}
  npx elastream status --cluster ${gatewayUrl}

Ctrl-C stops everything.
`);
}

function wholeNumber(text: string, name: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 16) return value;
  return fail(`--${name} must be a whole number from 1 to 16, not ${text}`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function fail(message: string): never {
  note(message);
  process.exit(2);
}
