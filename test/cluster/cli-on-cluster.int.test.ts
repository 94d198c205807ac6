import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterServers, startClusterServers } from '../../deploy/local/cluster-servers.ts';
import { type RunningCluster, startServices } from '../../deploy/local/running-cluster.ts';
import { builtProgram, type CliResult, runCli } from '../support/cli.ts';
import { describeWithCluster } from '../support/cluster/cluster-for-tests.ts';
import { eventually } from '../support/eventually.ts';
import { type OtlpReceiver, startOtlpReceiver, traceText } from '../support/otlp-receiver.ts';
import { type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

const FLAGS = ['--quiet', '--no-report'];
const COMMANDS = [
  ...['run', 'status', 'predict', 'report', 'export', 'rejections', 'calculations', 'sql', 'rebuild'],
  ...['ingest', 'submit', 'ask', 'tell', 'pause', 'resume', 'cancel', 'call'],
];

describeWithCluster('the commands on a cluster', () => {
  const directory = mkdtempSync(join(tmpdir(), 'elastream-cli-test-'));
  let campaign: TinyCampaign;
  let endless: TinyCampaign;
  let servers: ClusterServers;
  let receiver: OtlpReceiver;
  let cluster: RunningCluster;

  beforeAll(async () => {
    const dist = builtProgram();
    campaign = tinyCampaign({ candidates: 40 });
    endless = tinyCampaign({ candidates: 100, batch: 1, rounds: 90, edit: (yaml) => yaml.replace('tiny', 'endless') });
    servers = await startClusterServers({ directory, brokerCount: 1 });
    receiver = await startOtlpReceiver();
    const env = () => ({ ELASTREAM_OTLP_ENDPOINT: receiver.endpoint });
    cluster = await startServices({ dist, directory, servers, env });
    await cluster.ready();
    const run = await campaign.run([...FLAGS, '--cluster', cluster.gatewayUrl]);
    expect([run.code, run.stderr]).toEqual([0, '']);
    // The same in one process, with its tables, to compare with.
    expect((await campaign.run(FLAGS)).code).toBe(0);
  }, 400_000);
  afterAll(async () => {
    await cluster?.stop();
    await servers?.stop();
    await receiver?.close();
    await campaign.remove();
    await endless.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  const on = (command: string, ...args: string[]) => runCli([command, '--cluster', cluster.gatewayUrl, ...args]);
  const local = (command: string, ...args: string[]) => runCli([command, campaign.directory, ...args]);
  const printed = ({ code, stdout, stderr }: CliResult) => {
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };

  it('one trace goes from the calculations of a round, through all services, to the selection they changed', async () => {
    const isWhole = () => {
      const [round] = receiver.spans.filter(({ name }) => name === 'request calculations');
      const trace = receiver.spans.filter(({ traceId }) => traceId === round?.traceId);
      return trace.some(({ name }) => name === 'select') && trace.some(({ name }) => name === 'clickhouse insert');
    };
    await eventually(isWhole, 30_000);
    const { traceId } = receiver.spans.find(({ name }) => name === 'request calculations')!;
    const trace = receiver.spans.filter((span) => span.traceId === traceId);
    const text = traceText(trace);
    for (const part of [
      /^acquisition: request calculations/m,
      /calculation: calculate/,
      /ingestion: process elastream.results.v1/,
      /training-shard: process elastream.labels.v1/,
      /acquisition: close a round/,
      /acquisition: open a round/,
      /training-shard: train a member/,
      /training-shard: train in a worker thread/,
      /training-shard: store a model/,
      /acquisition: select/,
      /acquisition: elastream.v1.TrainingShard\/Rank/,
      /training-shard: elastream.v1.TrainingShard\/Rank/,
      /training-shard: clickhouse insert/,
    ])
      expect(text).toMatch(part);
    if (process.env.TRACE_FILE !== undefined) writeFileSync(process.env.TRACE_FILE, text);
  });

  it('status tells where the campaign stands', async () => {
    expect(printed(await on('status'))).toMatch(/^tiny: finished after round 3 \(rounds\)/m);
    expect(JSON.parse(printed(await on('status', '--json')))).toBeTypeOf('object');
  });

  it('export and predict give the same as in one process', async () => {
    for (const what of ['predictions', 'selections', 'labels']) {
      const args = ['--campaign', 'tiny', '--what', what];
      // When a label was acquired is another time.
      const rows = (result: CliResult) => printed(result).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T');
      expect(rows(await on('export', ...args)), what).toBe(rows(await local('export', ...args)));
    }
    const structures = join(dirname(campaign.file), 'data.jsonl');
    const args = [structures, '--json'];
    expect(printed(await on('predict', ...args))).toBe(printed(await local('predict', ...args)));
  });

  it('call reaches any method of the gateway, and tools may ask what there is', async () => {
    const topics = JSON.parse(printed(await on('call', 'ListTopics', '{}'))).topics;
    expect(topics).toContainEqual({ name: 'elastream.labels.v1', partitions: 64 });
    const seen = printed(await on('call', 'WatchCampaign', '{"campaign": "tiny"}'))
      .trim()
      .split('\n');
    expect(JSON.parse(seen.at(-1)!)).toMatchObject({ campaign: 'tiny', stopped: 'rounds' });
    const misspelt = await on('call', 'PauseCampaign', '{"name": "tiny"}');
    expect([misspelt.code, misspelt.stderr]).toEqual([
      2,
      expect.stringContaining('has no field name: it has campaign'),
    ]);
  });

  it('report writes a page', async () => {
    const page = join(directory, 'page.html');
    expect((await on('report', '-o', page)).code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('tiny');
  });

  it('sql asks the tables, and rebuild makes them anew, the same', async () => {
    const query = 'SELECT round, labels, added FROM rounds ORDER BY round';
    const rows = printed(await local('sql', query));
    await eventually(async () => (await on('sql', query)).stdout === rows);
    const env = { CLICKHOUSE_URL: servers.clickhouseUrl };
    const lost = await runCli(['rebuild', '--cluster', 'grpc://127.0.0.1:1'], { env });
    expect([lost.code, lost.stderr]).toEqual([1, expect.stringContaining('nobody answers there')]);
    expect(printed(await on('sql', query))).toBe(rows);
    const rebuilt = await runCli(['rebuild', '--cluster', cluster.gatewayUrl], { env });
    expect(rebuilt.code).toBe(0);
    expect(printed(await on('sql', query))).toBe(rows);
  });

  it('pause, resume and cancel reach a campaign that runs', async () => {
    const running = endless.run([...FLAGS, '--cluster', cluster.gatewayUrl]);
    await eventually(async () => (await on('status')).stdout.includes('endless'), 120_000);
    expect(await on('pause', 'endless')).toMatchObject({ code: 0, stderr: 'endless paused\n' });
    expect(printed(await on('status'))).toMatch(/endless: .*paused/);
    expect(await on('resume', 'endless')).toMatchObject({ code: 0, stderr: 'endless goes on\n' });
    expect(await on('cancel', 'endless')).toMatchObject({ code: 0, stderr: 'endless is cancelled\n' });
    expect((await running).code).not.toBeNull();
    expect(printed(await on('status'))).toMatch(/endless: .*cancel/);
    const none = await on('pause', 'nobody');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there is no campaign "nobody"')]);
  });

  it('submit adds what no source holds yet', async () => {
    const file = join(directory, 'silicon.poscar');
    writeFileSync(file, 'Si\n1.0\n0 2.7 2.7\n2.7 0 2.7\n2.7 2.7 0\nSi\n2\nDirect\n0 0 0\n0.25 0.25 0.25\n');
    const submitted = await on('submit', '--label-set', 'more', '--json', '--quiet', file);
    expect(JSON.parse(printed(submitted))).toMatchObject({ file, materials: 1, labels: 0, rejected: 0 });
  });

  it('ask and tell carry a campaign of results that people bring, each in effect once', async () => {
    const edit = (yaml: string) => yaml.replace('kind: replay', 'kind: manual').replace('name: tiny', 'name: manual');
    const manual = tinyCampaign({ candidates: 40, rounds: 1, batch: 4, edit });
    const run = () => manual.run(['--no-report', '--cluster', cluster.gatewayUrl]);
    const here = ['--campaign', 'manual', '--json'];
    const rows = (result: CliResult) =>
      printed(result)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    try {
      expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('waits in round 1 for 4 results') });
      const asked = rows(await on('ask', ...here)).map(({ material_id: id }) => id);
      expect(asked).toHaveLength(4);
      const data = readFileSync(join(dirname(manual.file), 'data.jsonl'), 'utf8').split('\n');
      const known = data.filter((line) => asked.some((id) => line.includes(`"${id}"`)));
      const file = join(directory, 'told.jsonl');
      writeFileSync(file, known.slice(1).join('\n'));
      // Two people tell the same at once.
      const told = await Promise.all([on('tell', ...here, '--quiet', file), on('tell', ...here, '--quiet', file)]);
      const outcomes = told.flatMap((result) => rows(result).map(({ outcome }) => outcome));
      expect(outcomes.toSorted()).toEqual([...Array(3).fill('answered'), ...Array(3).fill('known')]);
      expect(rows(await on('ask', ...here))).toHaveLength(1);
      writeFileSync(file, known[0]!);
      // The gateway's service may have been replaced between two calls.
      const gateway = cluster.services.find(({ service }) => service === 'gateway')!;
      const { restarts } = gateway;
      gateway.kill();
      await eventually(() => gateway.restarts > restarts, 20_000);
      await gateway.ready();
      expect(rows(await on('tell', ...here, '--quiet', file))).toMatchObject([{ outcome: 'answered' }]);
      const follows = (name: string) => {
        const told = receiver.spans.filter((span) => span.name === 'elastream.v1.Gateway/Tell').at(-1);
        return receiver.spans.some((span) => span.traceId === told?.traceId && span.name === name);
      };
      await eventually(() => follows('close a round'), 30_000);
      expect(await run()).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('manual is over (rounds): 4 labels'),
      });
      const labels = printed(await on('export', '--campaign', 'manual', '--what', 'labels', '--format', 'csv'));
      expect(labels.trimEnd().split('\n')).toHaveLength(5);
    } finally {
      await manual.remove();
    }
  });

  it('run goes on with a campaign whose stop rule is raised', async () => {
    writeFileSync(campaign.file, readFileSync(campaign.file, 'utf8').replace('rounds: 2', 'rounds: 3'));
    const run = await campaign.run(['--json', '--no-report', '--cluster', cluster.gatewayUrl]);
    expect([run.code, run.stdout.match(/"round":\d/g)]).toEqual([0, ['"round":4', '"round":5']]);
    expect(run.stderr).toContain('tiny: stop.rounds from 2 to 3\n');
  });
});

describe('the commands without a cluster', () => {
  // rebuild asks for the tables first, and says so.
  it.each(COMMANDS.filter((command) => command !== 'rebuild'))(
    '%s says at once that nobody answers',
    async (command) => {
      const { file, remove } = tinyCampaign();
      const more: Readonly<Record<string, string[]>> = {
        ...{ run: [file], predict: [file], sql: ['SELECT 1'], pause: ['c'], resume: ['c'], cancel: ['c'] },
        ...{ call: ['ListTopics', '{}'] },
        ...{ submit: ['--label-set', 'more', file], ingest: ['--label-set', 'more', file], tell: [file] },
      };
      const begun = performance.now();
      const { code, stderr } = await runCli([command, '--cluster', 'grpc://127.0.0.1:1', ...(more[command] ?? [])]);
      await remove();
      expect(performance.now() - begun).toBeLessThan(10_000);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^elastream: .*127.0.0.1:1: nobody answers there .*\n$/),
      ]);
    },
  );

  it.each(COMMANDS)('%s explains --cluster, and refuses an address that is none', async (command) => {
    expect((await runCli([command, '--help'])).stdout).toContain('--cluster <url>');
    const { code, stderr } = await runCli([command, '--cluster', 'http://127.0.0.1:1']);
    const text =
      'elastream: --cluster needs the address of a gateway, grpc://host:port or grpcs://host:port, not http:';
    expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
  });
});
