// `npm run kubernetes`: a real Kubernetes node on this machine, the images, an install of the chart, and trials on it:
// campaigns whose outcome must be that of one process, bit for bit, while pods die, move and are replaced. Ends with a
// table, and with nothing left but the laboratory's builds and images. Needs root; docs/kubernetes.md tells what else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHART_ARGS } from './chart.ts';
import { allReady, helm, NAMESPACE, script, shownScript } from './node.ts';
import type { TrialPlace } from './trial-campaign.ts';
import { TRIALS, type Trial } from './trials.ts';

const HELP = `Usage: npm run kubernetes -- [options]

Options:
  --only NAMES    these trials, with commas between: ${TRIALS.map(({ name }) => name).join(', ')}
  --markdown FILE the table
  --dir DIR       where the campaigns are run in one process; what is there is not run again
  --running       on the node and the release that are there, which stay
  --keep          leave node and release as they are; deploy/kubernetes/node.sh down ends them
  -h, --help
`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    markdown: { type: 'string' },
    dir: { type: 'string' },
    running: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const stays = options.keep || options.running;
const lab =
  process.env.KUBERNETES_LAB ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubernetes-lab');
const say = (text: string) => void process.stderr.write(`${text}\n`);

if (options.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const names = options.only?.split(',').map((name) => name.trim());
  const unknown = names?.filter((name) => !TRIALS.some((trial) => trial.name === name)) ?? [];
  if (unknown.length > 0) {
    say(`there is no trial ${unknown.join(', ')}; there are: ${TRIALS.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const rows: Row[] = [];
  const directory = options.dir ?? mkdtempSync(join(tmpdir(), 'elastream-kubernetes-'));
  const place = { node: join(lab, 'images/node/node_modules/node/bin/node'), directory };
  try {
    if (!options.running) {
      await shownScript('build.sh');
      await shownScript('images.sh');
      await record(rows, 'node', place, startNode);
      await record(rows, 'install', place, install);
    }
    for (const { name, run } of TRIALS) if (names?.includes(name) ?? true) await record(rows, name, place, run);
  } catch (error) {
    say((error as Error).message);
    rows.push({ name: 'ended early', came: (error as Error).message, ok: false });
  } finally {
    if (!stays) await shownScript('node.sh', ['down']).catch((error) => say((error as Error).message));
    const table = markdown(rows);
    process.stdout.write(table);
    if (options.markdown !== undefined) writeFileSync(options.markdown, table);
    if (rows.every(({ ok }) => ok) && !options.keep && options.dir === undefined)
      rmSync(directory, { recursive: true, force: true });
    else say(`campaigns and their logs: ${directory}`);
  }
  return rows.every(({ ok }) => ok) ? 0 : 1;
}

interface Row {
  readonly name: string;
  readonly came: string;
  readonly ok: boolean;
}

async function record(rows: Row[], name: string, place: TrialPlace, run: Trial['run']): Promise<void> {
  say(`${name} ...`);
  try {
    const came = await run(place);
    rows.push({ name, came, ok: true });
    say(`${name}: ${came}`);
  } catch (error) {
    const came = (error as Error).message.split('\n').slice(0, 6).join(' ');
    rows.push({ name, came, ok: false });
    say(`${name} FAILED: ${came}`);
    if (name === 'node' || name === 'install') throw error;
  }
}

async function startNode(): Promise<string> {
  const begun = performance.now();
  await shownScript('node.sh', ['up']);
  const took = performance.now() - begun;
  const images = (await script('images.sh', ['names'])).trim().split('\n');
  await shownScript('node.sh', ['load', ...images]);
  return `Ready after ${(took / 1000).toFixed(1)} s`;
}

/** A namespace that admits restricted pods alone, and volumes on the node's disk. */
async function install({ directory }: TrialPlace): Promise<string> {
  const k = (...args: string[]) => script('node.sh', ['k', ...args]);
  await k('create', 'namespace', NAMESPACE);
  await k('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
  for (const [server, size] of [
    ['kafka', '5Gi'],
    ['nats', '2Gi'],
    ['clickhouse', '5Gi'],
  ] as const) {
    const path = join(lab, 'run/data', server);
    mkdirSync(path, { recursive: true, mode: 0o777 });
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: server },
      spec: {
        capacity: { storage: size },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'lab',
        hostPath: { path },
        claimRef: { namespace: NAMESPACE, name: `data-${NAMESPACE}-${server}-0` },
      },
    };
    writeFileSync(join(directory, `${server}.json`), JSON.stringify(volume));
    await k('apply', '-f', join(directory, `${server}.json`));
  }
  const begun = performance.now();
  await helm('install', ...CHART_ARGS, '--wait');
  await allReady();
  return `every pod Ready after ${((performance.now() - begun) / 1000).toFixed(1)} s, Pod Security restricted enforced`;
}

function markdown(rows: readonly Row[]): string {
  const line = ({ name, came, ok }: Row) => `| ${name} | ${ok ? '' : 'FAILED: '}${came.replaceAll('|', '\\|')} |`;
  return ['| trial | what came of it |', '|---|---|', ...rows.map(line), ''].join('\n');
}
