import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inNode, kubectl, PROJECT, RELEASE } from './node.ts';

const CLI = join(PROJECT, 'dist/src/cli/main.js');
const DATA = 'elastic-tensor-2015.jsonl.gz';
/** Their text holds every number in full: equal text is equal bits. */
const TABLES = ['rounds', 'members', 'selections'] as const;
/** What two runs of one campaign may differ in. */
const INCIDENTAL = ['seconds'];

export interface TrialPlace {
  /** Node of the major version that the image has: models of another one differ in their last bits. */
  readonly node: string;
  /** For campaign files and the runs in one process. */
  readonly directory: string;
}

export interface TrialCampaign {
  readonly name: string;
  readonly file: string;
}

/** Writes a campaign on the example's data, under a name of its own; smaller than the example unless it is that one. */
export function writeCampaign({ directory }: TrialPlace, name: string): TrialCampaign {
  mkdirSync(directory, { recursive: true });
  const examples = join(PROJECT, 'examples');
  copyFileSync(join(examples, DATA), join(directory, DATA));
  const text = readFileSync(join(examples, 'quickstart.yaml'), 'utf8').replace('name: quickstart', `name: ${name}`);
  const small = text.replace('members: 20', 'members: 4').replace('labels: 250', 'labels: 100');
  const file = join(directory, `${name}.yaml`);
  writeFileSync(file, name === 'quickstart' ? text : small);
  return { name, file };
}

/** Runs the campaign in one process, and resolves with its tables. */
export async function runEmbedded({ node, directory }: TrialPlace, { name, file }: TrialCampaign): Promise<string> {
  const place = ['--dir', join(directory, name)];
  await run(node, [CLI, 'run', file, ...place, '--quiet', '--no-tables', '--no-report']);
  return tables((args) => run(node, [CLI, 'export', ...place, ...args]), name);
}

async function gatewayUrl(): Promise<string> {
  const address = await kubectl('get', 'service', `${RELEASE}-gateway`, '-o', 'jsonpath={.spec.clusterIP}');
  return `grpc://${address}:7400`;
}

export interface ClusterRun {
  /** Resolves with the campaign's tables once it has ended. */
  readonly ended: Promise<string>;
  /** Resolves once this round is shown. */
  round(number: number): Promise<void>;
}

/** Runs the campaign on the cluster, through the gateway's Service. */
export async function runOnCluster(
  { node, directory }: TrialPlace,
  { name, file }: TrialCampaign,
): Promise<ClusterRun> {
  const url = await gatewayUrl();
  const script = join(import.meta.dirname, 'node.sh');
  const child = spawn(script, ['in', node, CLI, 'run', file, '--cluster', url, '--no-report'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      shown += text;
      writeFileSync(join(directory, `${name}.log`), shown);
    });
  }
  const ended = endOf(child, () => shown).then(() =>
    tables((args) => inNode(node, CLI, 'export', '--cluster', url, ...args), name),
  );
  ended.catch(() => {});
  const round = async (number: number) => {
    const line = new RegExp(`round ${number} `);
    while (!line.test(shown)) {
      if (child.exitCode !== null) throw new Error(`${name} ended before round ${number}: ${shown.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  return { ended, round };
}

async function endOf(child: ChildProcess, shown: () => string): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`elastream run ended with ${code}: ${shown().slice(-2000)}`);
}

async function tables(exported: (args: readonly string[]) => Promise<string>, campaign: string): Promise<string> {
  const texts: string[] = [];
  for (const what of TABLES) {
    const lines = await exported(['--campaign', campaign, '--what', what, '--format', 'jsonl', '-o', '-']);
    const rows = lines.split('\n').filter((line) => line.startsWith('{'));
    const kept = rows.map((row) =>
      JSON.stringify(JSON.parse(row), (key, value) => (INCIDENTAL.includes(key) ? undefined : value)),
    );
    if (kept.length === 0) throw new Error(`${what} of ${campaign} is empty`);
    texts.push(what, ...kept.sort());
  }
  return texts.join('\n');
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [...args], { maxBuffer: 2 ** 28, timeout: 1_200_000 });
  return stdout;
}
