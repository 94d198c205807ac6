import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openKafkaEventLog } from '../../src/adapters/kafka/event-log.ts';
import { builtProgram, describeWithCluster } from '../support/cluster/cluster-for-tests.ts';
import { type ClusterServers, startClusterServers } from '../support/cluster/cluster-servers.ts';
import { startServices } from '../support/cluster/running-cluster.ts';
import { outcomeDifferences } from '../support/cluster/same-outcome.ts';
import { contentOf, readLogContent } from '../support/log-content.ts';
import type { LogContent } from '../support/simulation/checked-guarantees.ts';
import { type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

const FLAGS = ['--quiet', '--no-report'];

/** Guarantee 4 (b): the outcome does not depend on where, and on how many nodes, a campaign runs. */
describeWithCluster('a campaign on a cluster', () => {
  let campaign: TinyCampaign;
  let embedded: LogContent;

  beforeAll(async () => {
    campaign = tinyCampaign({ members: 5, candidates: 60 });
    const run = await campaign.run([...FLAGS, '--no-tables']);
    expect(run.stderr).toBe('');
    embedded = await readLogContent(campaign.directory);
  });
  afterAll(() => campaign.remove());

  it.each([1, 2, 4])('comes out bit by bit as in one process, with %i shards', async (shards) => {
    const directory = mkdtempSync(join(tmpdir(), 'elastream-cluster-test-'));
    const dist = builtProgram();
    let servers: ClusterServers | undefined;
    try {
      servers = await startClusterServers({ dist, directory, brokerCount: 1 });
      const cluster = await startServices({ dist, directory, servers, counts: { 'training-shard': shards } });
      await cluster.ready();
      const run = await campaign.run([...FLAGS, '--cluster', cluster.gatewayUrl]);
      expect([run.code, run.stderr]).toEqual([0, '']);
      const codes = await cluster.stop();
      expect([...codes].filter(([, code]) => code !== 0)).toEqual([]);
      const log = await openKafkaEventLog({ brokers: servers.brokers, clientId: 'test' });
      const content = await contentOf(log).finally(() => log.close());
      expect(outcomeDifferences(content, embedded)).toEqual([]);
    } finally {
      await servers?.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
