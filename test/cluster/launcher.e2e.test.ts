import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtProgram, runCli } from '../support/cli.ts';
import { describeWithCluster } from '../support/cluster/cluster-for-tests.ts';
import { eventually } from '../support/eventually.ts';

const ROOT = join(import.meta.dirname, '../..');
const LAUNCHER = [
  join(ROOT, 'node_modules/vite-node/vite-node.mjs'),
  '--script',
  join(ROOT, 'deploy/local/cluster.ts'),
];

describeWithCluster('npm run cluster', () => {
  it('starts everything, tells where it is, and stops all of it well at Ctrl-C', async () => {
    const { launcher, ended, output, errors, left } = launch();
    await eventually(() => output().endsWith('\n') || launcher.exitCode !== null, 150_000);
    const { gateway, services } = JSON.parse(output()) as Addresses;
    try {
      for (const { status } of services) {
        const metrics = await (await fetch(`${status}/metrics`)).text();
        expect(metrics).toContain('elastream_events_appended_total');
      }
      expect(await runCli(['status', '--cluster', gateway])).toMatchObject({ code: 0, stderr: '' });
    } finally {
      // As a terminal does it: to every process of the group.
      process.kill(-launcher.pid!, 'SIGINT');
    }
    const [code] = await ended;
    expect([code, errors()]).toEqual([0, expect.stringMatching(/stopping\n$/)]);
    for (const { pid } of services) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(left()).toEqual([]);
  });

  it.each(['starting', 'ready'])('leaves nothing behind at SIGTERM while it is %s', async (when) => {
    const { launcher, ended, output, errors, left } = launch();
    // The brokers are the first that it starts.
    const isThere = () => (when === 'ready' ? output().endsWith('\n') : left().some((line) => line.includes('java')));
    await eventually(() => isThere() || launcher.exitCode !== null, 150_000);
    expect(left().some((line) => line.includes('java'))).toBe(true);
    launcher.kill('SIGTERM');
    const [code] = await ended;
    expect([code, errors()]).toEqual([0, expect.stringMatching(/stopping\n$/)]);
    expect(left()).toEqual([]);
    expect(existsSync(/logs are in (\S+)/.exec(errors())![1]!)).toBe(false);
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

/** A cluster of one broker and one shard, in a process group of its own. */
function launch() {
  const args = [...LAUNCHER, '--brokers', '1', '--shards', '1', '--json', '--dist', builtProgram()];
  const launcher = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = once(launcher, 'exit');
  let [output, errors] = ['', ''];
  launcher.stdout.on('data', (chunk) => {
    output += chunk;
  });
  launcher.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const known = new Set<number>([launcher.pid!]);
  /** What descends from the launcher, also where its parent is gone. */
  const left = () => {
    const processes = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,pgid=,args='], { encoding: 'utf8' }).split('\n');
    const ours = processes.filter((line) => {
      const [pid, parent, group] = line.trim().split(/ +/).map(Number) as [number, number, number];
      if (pid === launcher.pid || !(known.has(parent) || known.has(group))) return false;
      known.add(pid);
      return true;
    });
    return ours.filter((line) => !line.includes('<defunct>'));
  };
  return { launcher, ended, left, output: () => output, errors: () => errors };
}

interface Addresses {
  readonly gateway: string;
  readonly services: readonly { readonly pid: number; readonly status: string }[];
}
