import { CHART_ARGS } from './chart.ts';
import { elapsed } from './elapsed.ts';
import { allReady, eventually, helm, killPod, kubectl, type Pod, pods, RELEASE } from './node.ts';
import type { ClusterRun } from './trial-campaign.ts';

async function onePod(component: string): Promise<Pod> {
  const pod = (await pods(component)).find(({ isReady, isGoing }) => isReady && !isGoing);
  if (pod === undefined) throw new Error(`no pod of ${component} is ready`);
  return pod;
}

const KILLED = [
  'training-shard',
  'acquisition',
  'kafka',
  'featurization',
  'nats',
  'clickhouse',
  'gateway',
  'training-shard',
];

/** One pod after another, each as soon as the last one is back, until the campaign is over. */
export async function killOneByOne({ round, ended }: ClusterRun): Promise<string> {
  await round(1);
  const killed: string[] = [];
  let isOver = false;
  void ended
    .catch(() => {})
    .then(() => {
      isOver = true;
    });
  for (const component of KILLED) {
    if (isOver) break;
    const pod = await onePod(component);
    await killPod(pod);
    killed.push(component);
    await eventually(`${pod.name} restarted`, async () => {
      const again = (await pods(component)).find(({ name }) => name === pod.name);
      return again && again.restarts > pod.restarts && again.isReady ? true : undefined;
    });
  }
  return `kill -9 of ${killed.join(', ')} in mid-campaign: `;
}

/** All pods of a node go, one after another; the last shard of two may not, until the first is back. */
export async function drainAndReturn({ round }: ClusterRun): Promise<string> {
  await round(1);
  const selector = `--pod-selector=app.kubernetes.io/instance=${RELEASE}`;
  const said = await kubectl('drain', 'n1', selector, '--delete-emptydir-data', '--timeout=40s').then(
    () => {
      throw new Error('the last shard was evicted, though its budget forbids it');
    },
    ({ stderr }: { stderr?: string }) => stderr ?? '',
  );
  const refused = /Cannot evict pod as it would violate the pod's disruption budget/.test(said);
  await kubectl('uncordon', 'n1');
  if (!refused) throw new Error(`the drain failed otherwise: ${said.slice(-500)}`);
  await allReady();
  return 'drained but for one shard, whose eviction its budget refused; returned: ';
}

export async function upgradeInRound({ round }: ClusterRun): Promise<string> {
  await round(1);
  const begun = performance.now();
  const before = new Set((await pods()).map(({ name }) => name));
  await helm('upgrade', ...CHART_ARGS, '--set', `podAnnotations.rolled=r${Date.now()}`, '--wait');
  await allReady();
  const left = (await pods()).filter(({ name, component }) => before.has(name) && !SERVERS.has(component));
  if (left.length > 0) throw new Error(`not replaced: ${left.map(({ name }) => name).join(', ')}`);
  return `every service replaced in ${elapsed(begun)}: `;
}

const SERVERS: ReadonlySet<string> = new Set(['kafka', 'nats', 'clickhouse', 'test']);

async function shardCount(): Promise<number> {
  return (await pods('training-shard')).filter(({ isGoing }) => !isGoing).length;
}

export async function scaleByHand({ round }: ClusterRun): Promise<string> {
  await round(1);
  for (const replicas of [1, 4, 1, 2]) {
    await kubectl('scale', `deployment/${RELEASE}-training-shard`, `--replicas=${replicas}`);
    await eventually(`${replicas} shards`, async () => ((await shardCount()) === replicas ? true : undefined));
    await allReady();
  }
  return '2, 1, 4, 1, 2 shards in mid-campaign: ';
}

export async function scaleByLoad({ round, ended }: ClusterRun): Promise<string> {
  await round(1);
  const scaling = 'autoscaling.services.training-shard';
  await helm(
    'upgrade',
    ...CHART_ARGS,
    '--set',
    `autoscaling.kind=hpa,autoscaling.scaleDownSeconds=20,${scaling}.min=1,${scaling}.cpu=30`,
  );
  const most = await eventually('4 shards', async () => ((await shardCount()) === 4 ? 4 : undefined), {
    secondsMax: 300,
  });
  await ended;
  await eventually('1 shard', async () => ((await shardCount()) === 1 ? true : undefined), { secondsMax: 400 });
  await helm('upgrade', ...CHART_ARGS, '--wait');
  return `2 to ${most} shards by CPU (HPA), and to 1 at its end: `;
}
