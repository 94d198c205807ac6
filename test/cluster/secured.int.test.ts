import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from 'nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningCluster, startServices } from '../../deploy/local/running-cluster.ts';
import { connectGrpc } from '../../src/adapters/grpc/grpc-client.ts';
import { openKafkaEventLog } from '../../src/adapters/kafka/event-log.ts';
import {
  type Gateway,
  GatewayDefinition,
  type TrainingShard,
  TrainingShardDefinition,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { certificateAuthority, type IssuedCertificate } from '../support/certificates.ts';
import { builtProgram, runNode } from '../support/cli.ts';
import { describeWithCluster } from '../support/cluster/cluster-for-tests.ts';
import { outcomeDifferences } from '../support/cluster/same-outcome.ts';
import { type SecuredServers, startSecuredServers } from '../support/cluster/secured-servers.ts';
import { logLines } from '../support/cluster/service-process.ts';
import { contentOf, readLogContent } from '../support/log-content.ts';
import { type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

const FLAGS = ['--quiet', '--no-report'];
/** A shard whose ClickHouse password is wrong. */
const LOCKED_OUT = 'training-shard-2';
const STARTED_MS_MAX = 30_000;

describeWithCluster('a cluster where every connection is protected', () => {
  const directory = mkdtempSync(join(tmpdir(), 'elastream-secured-test-'));
  const dist = builtProgram();
  let campaign: TinyCampaign;
  let secured: SecuredServers;
  let cluster: RunningCluster;

  beforeAll(async () => {
    campaign = tinyCampaign({ members: 4, candidates: 40, rounds: 1 });
    secured = await startSecuredServers(directory);
    const wrong = secured.secretFile('wrong-password', 'wrong');
    cluster = await startServices({
      ...{ dist, directory, servers: secured.servers, counts: { 'training-shard': 2 } },
      env: (name) => ({
        ...secured.environment(name.replace(/-\d+$/, '')),
        ...(name === LOCKED_OUT && { CLICKHOUSE_PASSWORD_FILE: wrong }),
      }),
    });
    await cluster.ready();
  }, 400_000);
  afterAll(async () => {
    await cluster?.stop();
    await secured?.stop();
    await campaign.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  // By name: Node warns of TLS to an IP address.
  const gatewayUrl = () => cluster.gatewayUrl.replace('grpc://127.0.0.1', 'grpcs://localhost');
  const addressOf = (service: string) => cluster.services.find((one) => one.service === service)!.address;
  const linesOf = (name: string) => logLines(readFileSync(join(directory, `${name}.log`), 'utf8'));

  it('runs a campaign to the same end, and a shard that ClickHouse refuses says so and goes on', async () => {
    expect(await campaign.run([...FLAGS, '--no-tables'])).toMatchObject({ code: 0, stderr: '' });
    const run = await campaign.run([...FLAGS, '--cluster', gatewayUrl()], { env: secured.environment('client') });
    expect([run.code, run.stderr]).toEqual([0, '']);
    const log = await openKafkaEventLog({ brokers: secured.plainBrokers, clientId: 'test' });
    const content = await contentOf(log).finally(() => log.close());
    expect(outcomeDifferences(content, await readLogContent(campaign.directory))).toEqual([]);

    const refused = linesOf(LOCKED_OUT).filter(({ err }) => err !== undefined);
    expect(refused.map(({ level, err }) => [level, err!.code])).toEqual([['warn', 'invalid_argument']]);
    expect(refused[0]!.err!.message).toMatch(/Authentication failed.*check user name, password/);
    expect(cluster.services.map(({ name, restarts }) => [name, restarts])).toEqual(
      cluster.services.map(({ name }) => [name, 0]),
    );
  });

  /** Starts one more of a service with other settings, and waits for its end. */
  const start = (service: string, env: Readonly<Record<string, string>>) =>
    runNode([join(dist, 'services', service, 'main.js')], {
      signalAfter: { ms: STARTED_MS_MAX, signal: 'SIGKILL' },
      env: {
        KAFKA_BROKERS: secured.servers.brokers.join(','),
        ...{ KAFKA_REPLICAS: String(secured.servers.replicas), KAFKA_FLUSH: '0' },
        NATS_URL: secured.servers.natsUrl,
        CLICKHOUSE_URL: secured.servers.clickhouseUrl,
        ...secured.environment(service),
        ...env,
      },
    });
  const secret = (text: string) => secured.secretFile('other', text);
  const otherSeed = () => Buffer.from(nkeys.createUser().getSeed()).toString();

  it.each([
    ['Kafka password', 'featurization', () => ({ KAFKA_PASSWORD_FILE: secret('wrong') }), /Kafka refused us.*password/],
    ['NATS nkey', 'acquisition', () => ({ NATS_NKEY_SEED_FILE: secret(otherSeed()) }), /NATS .*check the nkey seed/],
    ['ClickHouse password', 'projection', () => ({ CLICKHOUSE_PASSWORD_FILE: secret('wrong') }), /check .*password/],
    ['Kafka authority', 'ingestion', () => ({ KAFKA_CA_FILE: foreign().file }), /Kafka refused us.*certificate/],
    ['NATS authority', 'gateway', () => ({ NATS_CA_FILE: foreign().file }), /NATS .*certificate.*TLS files/],
    ['ClickHouse authority', 'projection', () => ({ CLICKHOUSE_CA_FILE: foreign().file }), /certificate.*authority/],
    ['certificate', 'gateway', () => secured.environment('viewer'), /CN=gateway/],
  ] as const)(
    'refuses a service with a wrong %s, which says so once and asks for no restart',
    async (_, service, env, text) => {
      const { code, stdout, stderr } = await start(service, env());
      const said = logLines(stdout).filter(({ err }) => err !== undefined);
      expect({ code, stderr, said: said.map(({ level, msg }) => [level, msg]) }).toEqual({
        ...{ code: 2, stderr: '' },
        said: [['error', 'ended']],
      });
      expect(said[0]!.err!.message).toMatch(text);
      expect(stdout + stderr).not.toContain('right for');
    },
  );

  const called = (address: string, security: IssuedCertificate) => connectGrpc({ address, security });
  const inTime = async (call: () => Promise<unknown>) => {
    const begun = performance.now();
    await call();
    expect(performance.now() - begun).toBeLessThan(5_000);
  };

  it('refuses calls of an identity that may not make them', async () => {
    const submit = (identity: string) =>
      withLink(called(gatewayUrl(), secured.certificate(identity)), async (link) => {
        for await (const _ of link.client<Gateway>(GatewayDefinition).Submit(nothing())) throw new Error('answered');
      });
    const denied = (who: string, what: string) => ({
      code: 'invalid_argument',
      retryable: false,
      message: expect.stringMatching(new RegExp(`${who} may not call ${what}.*check certificate and access rights`)),
    });
    await submit('client');
    await inTime(() => expect(submit('viewer')).rejects.toMatchObject(denied('viewer', 'elastream.v1.Gateway/Submit')));
    await withLink(called(gatewayUrl(), secured.certificate('viewer')), async (link) => {
      expect((await link.client<Gateway>(GatewayDefinition).ListTopics({})).topics).not.toEqual([]);
    });
    const rank = (identity: string) =>
      withLink(called(addressOf('training-shard'), secured.certificate(identity)), async (link) => {
        const { Rank } = link.client<TrainingShard>(TrainingShardDefinition);
        for await (const _ of Rank(NO_CANDIDATES)) throw new Error('answered');
      });
    for (const identity of ['ingestion', 'client', 'gateway']) {
      const refused = denied(identity, 'elastream.v1.TrainingShard/Rank');
      await inTime(() => expect(rank(identity)).rejects.toMatchObject(refused));
    }
  });

  it('refuses who was certified by somebody else, or trusts somebody else', async () => {
    const ask = (security: IssuedCertificate) =>
      withLink(called(addressOf('gateway'), security), (link) =>
        link.client<Gateway>(GatewayDefinition).ListTopics({}),
      );
    const { issued } = foreign();
    const refused = { code: 'unavailable', message: expect.stringMatching(/certificate/) };
    await inTime(() => expect(ask(issued)).rejects.toMatchObject(refused));
    const unknown = { ...issued, ca: secured.certificate('client').ca };
    await inTime(() => expect(ask(unknown)).rejects.toMatchObject(refused));
  });

  function foreign() {
    const folder = mkdtempSync(join(directory, 'foreign-'));
    const issued = certificateAuthority(folder, 'foreign')('client');
    return { issued, file: join(folder, 'foreign.crt') };
  }
});

const NO_CANDIDATES = {
  ...{ campaign: 'tiny', round: 1, snapshotHash: '', models: [], partitions: [], keep: 0, lowestPolymorphs: [] },
};

async function* nothing(): AsyncGenerator<never> {}

async function withLink<L extends { close(): void }, T>(link: L, use: (link: L) => Promise<T>): Promise<T> {
  return use(link).finally(() => link.close());
}
