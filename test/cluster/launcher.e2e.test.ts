import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { builtProgram, describeWithCluster } from '../support/cluster/cluster-for-tests.ts';
import { eventually } from '../support/eventually.ts';

const ROOT = join(import.meta.dirname, '../..');
const LAUNCHER = [join(ROOT, 'node_modules/vite-node/vite-node.mjs'), '--script', join(ROOT, 'tools/cluster.ts')];

describeWithCluster('npm run cluster', () => {
  it('starts everything, tells where it is, and stops all of it at Ctrl-C', async () => {
    const args = [...LAUNCHER, '--brokers', '1', '--shards', '1', '--json', '--dist', builtProgram()];
    const launcher = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(launcher, 'exit');
    let [output, errors] = ['', ''];
    launcher.stdout.on('data', (chunk) => {
      output += chunk;
    });
    launcher.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    await eventually(() => output.endsWith('\n') || launcher.exitCode !== null, 150_000);
    const { gateway, services } = JSON.parse(output) as Addresses;
    try {
      for (const { status } of services) {
        const metrics = await (await fetch(`${status}/metrics`)).text();
        expect(metrics).toContain('elastream_events_appended_total');
      }
      expect(await runCli(['status', '--cluster', gateway])).toMatchObject({ code: 0, stderr: '' });
    } finally {
      launcher.kill('SIGINT');
    }
    const [code] = await ended;
    expect([code, errors]).toEqual([0, expect.stringMatching(/stopping\n$/)]);
    for (const { pid } of services) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('says what is wrong with its options', async () => {
    const launcher = spawn(process.execPath, [...LAUNCHER, '--shards', 'many'], { cwd: ROOT });
    const chunks: Buffer[] = [];
    launcher.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code] = await once(launcher, 'close');
    expect([code, Buffer.concat(chunks).toString()]).toEqual([
      2,
      expect.stringMatching(/--shards must be a whole number from 1 to 16, not many|the services are not built/),
    ]);
  });
});

interface Addresses {
  readonly gateway: string;
  readonly services: readonly { readonly pid: number; readonly status: string }[];
}
