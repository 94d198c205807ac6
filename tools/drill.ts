// `npm run drill -- NAME`: does what a runbook (docs/runbooks) says, on a cluster of its own, to a campaign in mid-round, and
// compares the outcome with the same campaign's in one process, bit for bit.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type ClusterServers, startClusterServers } from '../deploy/local/cluster-servers.ts';
import { type RunningCluster, startServices } from '../deploy/local/running-cluster.ts';
import { openKafkaEventLog } from '../src/adapters/kafka/event-log.ts';
import type { EventLog } from '../src/ports/event-log.ts';
import {
  type FaultCampaign,
  prepareFaultCampaign,
  startCampaigns,
} from '../test/support/cluster/faults/fault-campaign.ts';
import { outcomeDifferences } from '../test/support/cluster/same-outcome.ts';
import { eventually } from '../test/support/eventually.ts';
import { contentOf } from '../test/support/log-content.ts';

/** A cluster on which a campaign runs. */
interface Drill {
  readonly directory: string;
  readonly servers: Required<ClusterServers>;
  services: RunningCluster;
  /** Starts all services anew; they go on with what the servers hold. */
  startServices(): Promise<void>;
}

const SERVICE_ORDER = [
  ...(['training-shard', 'projection', 'featurization', 'ingestion', 'calculation', 'acquisition', 'gateway'] as const),
];

/** What is done in mid-round, by the runbook that says so. */
const DRILLS: Readonly<Record<string, { readonly runbook: string; play(drill: Drill): Promise<void> }>> = {
  'add-shards': {
    runbook: 'consumer-lag.md',
    async play({ services }) {
      const added = [await services.add('training-shard'), await services.add('training-shard')];
      await Promise.all(added.map((shard) => shard.ready()));
      const [first] = services.services.filter(({ service }) => service === 'training-shard');
      await first!.stop();
    },
  },
  'lost-broker': {
    runbook: 'lost-broker.md',
    async play({ servers: { kafka } }) {
      await kafka.kill(1);
      await kafka.loseDisk(1);
      await kafka.restart(1);
    },
  },
  'lost-nats': {
    runbook: 'lost-nats.md',
    async play({ servers: { nats } }) {
      await nats.kill();
      nats.wipe();
      await nats.start();
    },
  },
  'lost-clickhouse': { runbook: 'lost-clickhouse.md', play: ({ servers }) => loseTables(servers) },
  'rolling-restart': {
    runbook: 'rolling-upgrade.md',
    async play({ services }) {
      for (const name of SERVICE_ORDER) {
        const old = services.services.filter(({ service }) => service === name);
        // A client follows the gateway's address, which a new process of this launcher has not.
        if (name === 'gateway') continue;
        await (await services.add(name)).ready();
        for (const process of old) await process.stop();
      }
    },
  },
  restore: {
    runbook: 'backup-restore.md',
    async play(drill) {
      const { kafka, nats } = drill.servers;
      const brokers = [...kafka.brokers.keys()];
      await drill.services.stop();
      for (const broker of brokers) await kafka.kill(broker);
      const copyOf = (broker: number) => join(drill.directory, `copy-${broker}`);
      for (const broker of brokers) cpSync(kafka.dataOf(broker), copyOf(broker), { recursive: true });
      await nats.kill();
      nats.wipe();
      for (const broker of brokers) rmSync(kafka.dataOf(broker), { recursive: true });
      for (const broker of brokers) cpSync(copyOf(broker), kafka.dataOf(broker), { recursive: true });
      await Promise.all(brokers.map((broker) => kafka.restart(broker)));
      await nats.start();
      await loseTables(drill.servers);
      await drill.startServices();
    },
  },
};

async function loseTables({ clickhouse, clickhouseData }: Drill['servers']): Promise<void> {
  rmSync(clickhouseData, { recursive: true, force: true });
  clickhouse.kill();
  await clickhouse.ready();
}

const HELP = `Usage: npm run drill -- NAME...   (all without a name)

${Object.entries(DRILLS)
  .map(([name, { runbook }]) => `  ${name.padEnd(16)} docs/runbooks/${runbook}`)
  .join('\n')}
`;

const dist = resolve(import.meta.dirname, '../dist');
const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h', default: false } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(DRILLS);
const unknown = names.filter((name) => !(name in DRILLS));
if (values.help) process.stdout.write(HELP);
else if (unknown.length > 0) fail(`there is no drill ${unknown.join(', ')}\n${HELP}`);
else if (!existsSync(join(dist, 'services/gateway/main.js'))) fail('the services are not built: npm run build');
else {
  const campaign = await prepareFaultCampaign(dist);
  try {
    for (const name of names) note(await drilled(name, campaign));
  } finally {
    await campaign.remove();
  }
  process.exit();
}

async function drilled(name: string, campaign: FaultCampaign): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'elastream-drill-'));
  const servers = (await startClusterServers({ directory })) as Drill['servers'];
  const start = () => startServices({ dist, directory, servers });
  const drill: Drill = {
    ...{ directory, servers, services: await start() },
    async startServices() {
      drill.services = await start();
      await drill.services.ready();
    },
  };
  let log: EventLog | undefined;
  try {
    await drill.services.ready();
    log = await openKafkaEventLog({ brokers: servers.brokers, clientId: 'drill' });
    const begun = performance.now();
    const seconds = () => ((performance.now() - begun) / 1000).toFixed(0);
    const before = startCampaigns(dist, campaign, drill.services.gatewayUrl);
    await eventually(async () => (await roundsOpened(log!)) >= 2, 600_000);
    note(`${name}: begins after ${seconds()} s, in round 2`);
    await DRILLS[name]!.play(drill);
    note(`${name}: done after ${seconds()} s`);
    before.kill();
    // The same command goes on where the campaign is.
    const { code, output } = await startCampaigns(dist, campaign, drill.services.gatewayUrl).ended;
    const differences = outcomeDifferences(await contentOf(log), campaign.embedded);
    const isSame = code === 0 && differences.length === 0;
    if (!isSame) process.exitCode = 1;
    const problems = [...(code === 0 ? [] : [output.trim()]), ...differences.slice(0, 5)];
    return `${name}: ${isSame ? 'the same outcome' : `another outcome: ${problems.join('; ')}`} after ${seconds()} s`;
  } finally {
    await log?.close();
    await drill.services.stop();
    await servers.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function roundsOpened(log: EventLog): Promise<number> {
  const content = await contentOf(log);
  return [...content.values()].flat(2).filter(({ type }) => type.endsWith('.RoundOpened')).length;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function fail(message: string): void {
  note(message);
  process.exitCode = 2;
}
