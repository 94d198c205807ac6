import { existsSync } from 'node:fs';
import { afterAll, afterEach, expect, it } from 'vitest';
import { cliMain, runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { type NodeProcess, startNode } from '../support/node-process.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

const ANYWHERE = ['--listen', '127.0.0.1:0', '--no-tables'];

it('listens on this machine alone where nothing protects its calls', async () => {
  const args = ['serve', '--dir', 'nowhere', '--listen'];
  const refused = await runCli([...args, '0.0.0.0:0']);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('ELASTREAM_GRPC_CA_FILE') });
  expect(await runCli([...args, 'here'])).toMatchObject({ code: 2, stderr: expect.stringContaining('host:port') });
  const nameless = { ELASTREAM_GRPC_CA_FILE: 'no-such.pem' };
  const unreadable = await runCli([...args, '127.0.0.1:0'], { env: nameless });
  expect(unreadable).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no-such.pem (ELASTREAM_GRPC_CA_FILE)'),
  });
  expect(existsSync('nowhere')).toBe(false);
  expect(await runCli(['serve', '--cluster', 'grpc://127.0.0.1:1'])).toMatchObject({ code: 2 });
});

describeWithLightGbm('a served directory', () => {
  const campaign = tinyCampaign();
  const { directory } = campaign;
  const running: NodeProcess[] = [];
  afterEach(() => running.splice(0).forEach(({ process: child }) => void child.kill('SIGKILL')));
  afterAll(async () => {
    await campaign.remove();
  });

  async function served(): Promise<NodeProcess & { readonly url: string }> {
    const started = startNode([cliMain(), 'serve', '--dir', directory, ...ANYWHERE]);
    running.push(started);
    const url = () => /at (grpc:\S+);/.exec(started.stderr())?.[1];
    await eventually(() => url() !== undefined, 60_000);
    return { ...started, url: url()! };
  }

  it('takes campaigns from elsewhere, goes on with them after a kill -9, and stops at Ctrl-C', async () => {
    const first = await served();
    const place = ['--cluster', first.url];
    const again = await runCli(['serve', '--dir', directory, ...ANYWHERE]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('already written by process') });
    expect(await campaign.run(['--quiet', '--no-report', ...place])).toMatchObject({ code: 0, stderr: '' });
    const status = await runCli(['status', '--json', ...place]);
    expect(JSON.parse(status.stdout)).toMatchObject([{ campaign: 'tiny', state: 'finished' }]);
    first.process.kill('SIGKILL');
    await first.ended;

    const second = await served();
    const export1 = await runCli(['export', '--cluster', second.url, '--what', 'selections', '--format', 'csv']);
    expect(export1.stdout.split('\n').length).toBeGreaterThan(10);
    second.process.kill('SIGINT');
    expect(await second.ended).toMatchObject({ code: 0 });
    const export2 = await runCli(['export', '--dir', directory, '--what', 'selections', '--format', 'csv']);
    expect(export2.stdout).toBe(export1.stdout);
  });
});
