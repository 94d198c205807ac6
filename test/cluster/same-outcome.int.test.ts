import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClusterServers, startClusterServers } from '../../deploy/local/cluster-servers.ts';
import { type RunningCluster, startServices } from '../../deploy/local/running-cluster.ts';
import { openKafkaEventLog } from '../../src/adapters/kafka/event-log.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import { builtProgram } from '../support/cli.ts';
import { describeWithCluster } from '../support/cluster/cluster-for-tests.ts';
import { outcomeDifferences } from '../support/cluster/same-outcome.ts';
import { eventually } from '../support/eventually.ts';
import { contentOf, readLogContent } from '../support/log-content.ts';
import type { LogContent } from '../support/simulation/checked-guarantees.ts';
import { type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

const FLAGS = ['--quiet', '--no-report'];

/** Guarantee 4 (b): the outcome does not depend on where, and on how many nodes, a campaign runs. */
describeWithCluster('a campaign on a cluster', () => {
  let campaign: TinyCampaign;
  let embedded: LogContent;

  beforeAll(async () => {
    campaign = tinyCampaign({
      ...{ members: 5, candidates: 60, rounds: 3 },
      edit: (yaml) => yaml.replace('kind: replay', 'kind: replay\n  delay_seconds: 2'),
    });
    const run = await campaign.run([...FLAGS, '--no-tables']);
    expect(run.stderr).toBe('');
    embedded = await readLogContent(campaign.directory);
  });
  afterAll(() => campaign.remove());

  it.each([1, 2, 4])('comes out bit by bit as in one process, with %i shards', (shards) =>
    sameOutcome(shards, async () => {}),
  );

  it('comes out so while shards come and go in mid-round', () =>
    sameOutcome(1, async ({ services, add, rounds }) => {
      await eventually(async () => (await rounds()) >= 1);
      const second = await add('training-shard');
      await second.ready();
      const first = services.find(({ service }) => service === 'training-shard')!;
      expect(await first.stop()).toBe(0);
      await eventually(async () => (await rounds()) >= 2);
      await (await add('training-shard')).ready();
    }));

  async function sameOutcome(
    shards: number,
    meanwhile: (running: RunningCluster & { rounds(): Promise<number> }) => Promise<void>,
  ): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), 'elastream-cluster-test-'));
    const dist = builtProgram();
    let servers: ClusterServers | undefined;
    let log: EventLog | undefined;
    let cluster: RunningCluster | undefined;
    try {
      servers = await startClusterServers({ directory, brokerCount: 1 });
      log = await openKafkaEventLog({ brokers: servers.brokers, clientId: 'test' });
      cluster = await startServices({ dist, directory, servers, counts: { 'training-shard': shards } });
      await cluster.ready();
      const rounds = () => roundsOpened(log!);
      const running = campaign.run([...FLAGS, '--cluster', cluster.gatewayUrl]);
      const [run] = await Promise.all([running, meanwhile({ ...cluster, rounds })]);
      expect([run.code, run.stderr]).toEqual([0, '']);
      const codes = await cluster.stop();
      expect([...codes].filter(([, code]) => code !== 0)).toEqual([]);
      expect(outcomeDifferences(await contentOf(log), embedded)).toEqual([]);
    } finally {
      await log?.close();
      await cluster?.stop();
      await servers?.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  }
});

async function roundsOpened(log: EventLog): Promise<number> {
  const partitions = (await contentOf(log)).get('elastream.campaigns.v1') ?? [];
  return new Set(partitions.flat().flatMap(({ id, type }) => (type.endsWith('.RoundOpened') ? [id] : []))).size;
}
