import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClusterServers, startClusterServers } from '../../deploy/local/cluster-servers.ts';
import { freePorts } from '../../deploy/local/free-ports.ts';
import { type RunningCluster, type ServiceName, startServices } from '../../deploy/local/running-cluster.ts';
import { connectGrpc, type GrpcLinkOptions } from '../../src/adapters/grpc/grpc-client.ts';
import { openKafkaEventLog } from '../../src/adapters/kafka/event-log.ts';
import type { EventRecord } from '../../src/model/event-record.ts';
import type { Rejection } from '../../src/model/rejection.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import { fromRecord } from '../../src/protocol/event-message.ts';
import {
  type Gateway,
  GatewayDefinition,
  type SubmitReply,
  type SubmitRequest,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { builtProgram, runCli } from '../support/cli.ts';
import { describeWithCluster } from '../support/cluster/cluster-for-tests.ts';
import { outcomeDifferences } from '../support/cluster/same-outcome.ts';
import { logLines, startServiceProcess } from '../support/cluster/service-process.ts';
import { eventually } from '../support/eventually.ts';
import { createLitterer, type GarbagePlace } from '../support/kafka/garbage.ts';
import { contentOf, readLogContent } from '../support/log-content.ts';
import { startModelCutter } from '../support/nats/model-cutter.ts';
import type { LogContent } from '../support/simulation/checked-guarantees.ts';
import { bareItem } from '../support/submitted-items.ts';
import { type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

const FLAGS = ['--quiet', '--no-report'];
const MIB = 2 ** 20;

describeWithCluster('a cluster that is given what it cannot use', () => {
  const directory = mkdtempSync(join(tmpdir(), 'elastream-bad-input-test-'));
  let campaign: TinyCampaign;
  let servers: ClusterServers;
  let cluster: RunningCluster;
  let log: EventLog;

  beforeAll(async () => {
    const dist = builtProgram();
    campaign = tinyCampaign({ members: 3, candidates: 40 });
    servers = await startClusterServers({ directory, brokerCount: 1 });
    cluster = await startServices({ dist, directory, servers, counts: { acquisition: 2, 'training-shard': 2 } });
    await cluster.ready();
    log = await openKafkaEventLog({ brokers: servers.brokers, clientId: 'test' });
  }, 400_000);
  afterAll(async () => {
    await log?.close();
    await cluster?.stop();
    await servers?.stop();
    await campaign.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  /** By place, of what stands in the log itself. */
  async function rejections(): Promise<Map<string, Rejection[]>> {
    const content = (await contentOf(log)).get('elastream.rejections.v1')!.flat().filter(isEvent);
    const found = new Map<string, Rejection[]>();
    for (const event of content.map(fromRecord)) {
      if (event.type !== 'InputRejected') continue;
      const { source, locator } = event.rejection;
      found.set(`${source} ${locator}`, [...(found.get(`${source} ${locator}`) ?? []), event.rejection]);
    }
    return found;
  }

  it('refuses garbage on every topic, once each, trains cut models again, and comes to the same end', async () => {
    expect(await campaign.run([...FLAGS, '--no-tables'])).toMatchObject({ code: 0, stderr: '' });
    const topics = await log.topics();
    expect(topics).toHaveLength(10);
    const litterer = await createLitterer(servers.brokers);
    const places = await litterer.litter(topics);
    const cutter = await startModelCutter(servers.natsUrl);
    const running = campaign.run([...FLAGS, '--cluster', cluster.gatewayUrl]);
    let isOver = false;
    void running.finally(() => {
      isOver = true;
    });
    while (!isOver) places.push(...(await litterer.litter(topics)));
    await Promise.all([litterer.close(), cutter.stop()]);
    const run = await running;
    expect([run.code, run.stderr]).toEqual([0, '']);

    const nameOf = ({ topic, partition, offset }: GarbagePlace) => `${topic} partition ${partition} offset ${offset}`;
    await eventually(async () => {
      const found = await rejections();
      return places.every((place) => found.has(nameOf(place)));
    }, 60_000);
    const found = await rejections();
    for (const place of places) {
      expect(found.get(nameOf(place)), nameOf(place)).toMatchObject([{ code: 'bad_message', source: place.topic }]);
    }
    const strayed = new Set(places.map(nameOf));
    const content = without(await contentOf(log), strayed);
    expect(outcomeDifferences(content, await readLogContent(campaign.directory))).toEqual([]);
    expectNoRestarts();
    expect(cutter.cut).toBeGreaterThan(0);
    expect(said('training-shard')).toContain('a model is lost or damaged in the store, and is trained again');
  });

  /** What services of this name have logged. */
  function said(service: string): string[] {
    const names = cluster.services.filter((one) => one.service === service).map(({ name }) => name);
    const output = names.map((name) => readFileSync(join(directory, `${name}.log`), 'utf8')).join('');
    return logLines(output).map(({ msg }) => msg);
  }

  function expectNoRestarts(): void {
    const restarted = cluster.services.filter(({ restarts }) => restarts > 0).map(({ name }) => name);
    const lines = restarted.flatMap((name) => readFileSync(join(directory, `${name}.log`), 'utf8').split('\n'));
    const lastWords = lines.filter((line) => !line.startsWith('{"level":"info"') && !line.includes('refused events'));
    expect(restarted, lastWords.join('\n').slice(-5_000)).toEqual([]);
  }

  const withGateway = async <T>(use: (gateway: Gateway) => Promise<T>, options: Partial<GrpcLinkOptions> = {}) => {
    const link = connectGrpc({ address: cluster.gatewayUrl, ...options });
    return use(link.client<Gateway>(GatewayDefinition)).finally(() => link.close());
  };

  it('refuses a submitted item that the log cannot take, and takes those behind it', async () => {
    const items = [item('1', 10), item('2', 2 * MIB), item('3', 10)];
    const replies = await withGateway((gateway) => submitted(gateway, items));
    expect(replies.map(({ clientId, refusal }) => [clientId, refusal?.code])).toEqual([
      ['1', undefined],
      ['2', 'too_large'],
      ['3', undefined],
    ]);
    const found = await rejections();
    expect(found.get('oversize item 2')).toMatchObject([{ message: expect.stringMatching(/at most \d+ fit the log/) }]);
  });

  it('refuses a message that no call carries, on either side, and answers others', async () => {
    const large = [item('1', 9 * MIB)];
    const refused = { code: 'invalid_argument', retryable: false, message: expect.stringMatching(/send smaller/) };
    await expect(withGateway((gateway) => submitted(gateway, large))).rejects.toMatchObject(refused);
    const careless = { messageBytesMax: 64 * MIB };
    await expect(withGateway((gateway) => submitted(gateway, large), careless)).rejects.toMatchObject(refused);
    expect(await withGateway((gateway) => submitted(gateway, [item('4', 10)]))).toMatchObject([{ clientId: '4' }]);
    expectNoRestarts();
  });

  // Last: what it kills is counted as started again.
  it('says of tables that another version made what to do about them, and brings them up to date', async () => {
    const sql = () => runCli(['sql', '--cluster', cluster.gatewayUrl, 'SELECT count() AS rounds FROM rounds']);
    const rounds = (await sql()).stdout;
    expect(rounds).toMatch(/[1-9]/);
    const restarted = async (statement: string, killed: ServiceName = 'gateway') => {
      const { ok } = await fetch(servers.clickhouseUrl, { method: 'POST', body: statement });
      expect(ok).toBe(true);
      const node = cluster.services.find(({ service }) => service === killed)!;
      const { restarts } = node;
      node.kill();
      await eventually(() => node.restarts > restarts, 20_000);
      await node.ready();
    };
    await restarted('INSERT INTO schema_versions (version) VALUES (99)');
    expect(await sql()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/schema version 99, newer than .*'elastream rebuild'/),
    });
    const env = { CLICKHOUSE_URL: servers.clickhouseUrl };
    expect(await runCli(['rebuild', '--cluster', cluster.gatewayUrl], { env })).toMatchObject({ code: 0 });
    expect(await sql()).toMatchObject({ code: 0, stdout: rounds });
    await restarted('TRUNCATE TABLE schema_versions');
    expect(await sql()).toMatchObject({ code: 1, stderr: expect.stringMatching(/schema version 0, older/) });
    // Whoever writes the tables brings them up to date.
    await restarted('SELECT 1', 'projection');
    await expect.poll(sql, { timeout: 20_000 }).toMatchObject({ code: 0, stdout: rounds });
  });

  it('says of a shard that announces an address which nobody reaches, and does not call it ready', async () => {
    const [http, grpc] = await freePorts(2);
    const shard = startServiceProcess(join(builtProgram(), 'services/training-shard/main.js'), {
      ELASTREAM_NODE: 'lost',
      ELASTREAM_GRPC_LISTEN: `127.0.0.1:${grpc}`,
      ELASTREAM_GRPC_ADVERTISE: 'no-such-host.invalid',
      ELASTREAM_HTTP_LISTEN: `127.0.0.1:${http}`,
      ELASTREAM_WORKERS: '1',
      KAFKA_BROKERS: servers.brokers.join(','),
      ...(servers.replicas !== undefined && { KAFKA_REPLICAS: String(servers.replicas), KAFKA_FLUSH: '0' }),
      NATS_URL: servers.natsUrl,
    });
    const answer = async () => (await fetch(`http://127.0.0.1:${http}/health/ready`)).text();
    await expect
      .poll(() => answer().catch(() => ''), { timeout: 60_000 })
      .toMatch(
        new RegExp(`nobody reaches this node at no-such-host.invalid:${grpc}.*ENOTFOUND.*ELASTREAM_GRPC_ADVERTISE`),
      );
    shard.signal('SIGTERM');
    expect(await shard.ended).toBe(0);
  }, 120_000);
});

/** A rejection that a client tells of, whose words are so long. */
function item(clientId: string, bytes: number): SubmitRequest {
  const rejection = { code: 'bad_syntax', message: 'x'.repeat(bytes), source: 'oversize', locator: clientId };
  return bareItem(clientId, { source: 'oversize', rejection });
}

async function submitted(gateway: Gateway, items: readonly SubmitRequest[]): Promise<SubmitReply[]> {
  const replies: SubmitReply[] = [];
  const requests = (async function* () {
    yield* items;
  })();
  for await (const reply of gateway.Submit(requests)) replies.push(reply);
  return replies;
}

function isEvent(record: EventRecord): boolean {
  try {
    fromRecord(record);
    return true;
  } catch {
    return false;
  }
}

/** A log without what stands at these places, and without what was said of it. */
function without(content: LogContent, places: ReadonlySet<string>): LogContent {
  const isKept = (topic: string, partition: number, record: EventRecord) => {
    if (places.has(`${topic} partition ${partition} offset ${record.offset}`)) return false;
    const event = fromRecord(record);
    return event.type !== 'InputRejected' || !places.has(`${event.rejection.source} ${event.rejection.locator}`);
  };
  return new Map(
    [...content].map(([topic, partitions]) => [
      topic,
      partitions.map((records, partition) => records.filter((record) => isKept(topic, partition, record))),
    ]),
  );
}
