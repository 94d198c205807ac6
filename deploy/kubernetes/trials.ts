import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHART_ARGS } from './chart.ts';
import { drainAndReturn, killOneByOne, scaleByHand, scaleByLoad, upgradeInRound } from './disturbances.ts';
import { elapsed } from './elapsed.ts';
import { networkPolicies } from './network-trial.ts';
import { allReady, eventually, helm, kubectl, pods, RELEASE, script } from './node.ts';
import { idleUseOf } from './pod-use.ts';
import { type ClusterRun, runEmbedded, runOnCluster, type TrialPlace, writeCampaign } from './trial-campaign.ts';

/** What is tried on the node. @returns what came of it, for the table @throws Error if it failed */
export interface Trial {
  readonly name: string;
  run(place: TrialPlace): Promise<string>;
}

/** Runs a campaign in one process and on the cluster, where `disturb` happens meanwhile, and compares them. */
async function sameOutcome(
  place: TrialPlace,
  name: string,
  disturb: (run: ClusterRun) => Promise<string>,
): Promise<string> {
  const campaign = writeCampaign(place, name);
  const expected = await runEmbedded(place, campaign);
  const begun = performance.now();
  const run = await runOnCluster(place, campaign);
  const [told, found] = await Promise.all([disturb(run), run.ended]);
  const took = elapsed(begun);
  if (found !== expected) {
    writeFileSync(join(place.directory, `${name}.expected`), expected);
    writeFileSync(join(place.directory, `${name}.found`), found);
    throw new Error(`another outcome than in one process: ${place.directory}/${name}.expected, ${name}.found`);
  }
  return `${told}same outcome, bit for bit; ${took}`;
}

/** A shard whose address nobody reaches must say so, and must not take the place of one that works. */
async function unreachableShard(): Promise<string> {
  const values = join(mkdtempSync(join(tmpdir(), 'elastream-values-')), 'values.yaml');
  const extraEnv = [{ name: 'ELASTREAM_GRPC_ADVERTISE', value: 'no-such-host' }];
  writeFileSync(values, JSON.stringify({ services: { 'training-shard': { extraEnv } } }));
  const known = new Set((await pods('training-shard')).map(({ name }) => name));
  await helm('upgrade', ...CHART_ARGS, '-f', values);
  const begun = performance.now();
  try {
    const reason = await eventually(
      'a shard says that nobody reaches it',
      async () => {
        const shard = (await pods('training-shard')).find(({ name }) => !known.has(name));
        const said =
          shard && (await script('node.sh', ['in', 'curl', '-s', `http://${shard.address}:7480/health/ready`]));
        return said && /nobody reaches this node at no-such-host/.exec(said)?.[0];
      },
      { secondsMax: 120 },
    );
    return `"${reason} ..." after ${elapsed(begun)}, and the old ones go on`;
  } finally {
    await helm('rollback', RELEASE, '--wait');
    await allReady();
  }
}

/** From SIGTERM until the other shard holds all partitions. */
async function handingOver(): Promise<string> {
  const [going, staying] = (await pods('training-shard')).filter(({ isReady }) => isReady);
  if (!going || !staying) throw new Error('two shards are needed');
  const begun = performance.now();
  await kubectl('delete', 'pod', going.name, '--wait=false');
  const held = async () => {
    const metrics = await script('node.sh', ['in', 'curl', '-s', `http://${staying.address}:7480/metrics`]);
    return Number(/elastream_held_partitions\{group="training-shard"\} (\d+)/.exec(metrics)?.[1] ?? 0);
  };
  const before = await held();
  await eventually('partitions handed over', async () => ((await held()) > before ? true : undefined), {
    everyMs: 100,
  });
  const took = elapsed(begun);
  await allReady();
  return `${took} from SIGTERM to handed over`;
}

/** CPU and memory while nothing is done. */
async function idleUse(): Promise<string> {
  const { cores, servicesMiB, allMiB } = await idleUseOf(30);
  return `services ${cores.toFixed(2)} cores and ${servicesMiB} MiB; with the built-in servers ${allMiB} MiB`;
}

export const TRIALS: readonly Trial[] = [
  {
    name: 'helm test',
    async run() {
      const begun = performance.now();
      await helm('test', RELEASE, '--timeout', '6m');
      return `a small campaign through the gateway's Service; ${elapsed(begun)}`;
    },
  },
  { name: 'network policies', run: networkPolicies },
  { name: 'quickstart', run: (place) => sameOutcome(place, 'quickstart', async () => '') },
  { name: 'idle', run: idleUse },
  { name: 'handing over', run: handingOver },
  { name: 'kill -9', run: (place) => sameOutcome(place, 'killed', killOneByOne) },
  { name: 'drain', run: (place) => sameOutcome(place, 'drained', drainAndReturn) },
  { name: 'rolling upgrade', run: (place) => sameOutcome(place, 'upgraded', upgradeInRound) },
  { name: 'scaling by hand', run: (place) => sameOutcome(place, 'resized', scaleByHand) },
  { name: 'scaling', run: (place) => sameOutcome(place, 'scaled', scaleByLoad) },
  { name: 'unreachable shard', run: unreachableShard },
];
