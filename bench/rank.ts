import { availableParallelism, cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { connectGrpc } from '../src/adapters/grpc/grpc-client.ts';
import { systemClock } from '../src/adapters/in-process/system-clock.ts';
import { provideLightGbmLibrary } from '../src/adapters/lightgbm/provide-library.ts';
import { createLightGbmRegressor } from '../src/adapters/lightgbm/regressor.ts';
import { featureIndices } from '../src/featurizers/feature-schema.ts';
import { mergeTop } from '../src/learning/acquisition/top-candidates.ts';
import type { CampaignConfig } from '../src/learning/campaign/campaign-config.ts';
import { configHash } from '../src/learning/campaign/campaign-decider.ts';
import type { CampaignCreated, RoundOpened } from '../src/learning/campaign/campaign-events.ts';
import { createSnapshot, roundContents } from '../src/learning/campaign/round-contents.ts';
import { snapshotHash } from '../src/learning/campaign/round-snapshot.ts';
import { freezeData } from '../src/learning/data/campaign-data.ts';
import { MaterialCatalogue } from '../src/learning/data/material-catalogue.ts';
import { featureMatrix } from '../src/learning/data/training-set.ts';
import { memberModelHash } from '../src/learning/ensemble/member-models.ts';
import type { ContentHash } from '../src/model/content-hash.ts';
import { keyPartition } from '../src/model/partitioner.ts';
import {
  type MemberModel,
  PartitionRanking,
  type RankRequest,
  type TrainingShard,
  TrainingShardDefinition,
} from '../src/protocol/generated/elastream/v1/services.generated.ts';
import { createShardRouter } from '../src/runtime/shard-router.ts';
import { createTimeSlices } from '../src/runtime/time-slices.ts';
import { CONFIG } from '../test/support/campaigns.ts';
import { exampleOf, type KnownMaterial, knownMaterials, madeMaterials } from './made-materials.ts';
import { processUse, startShardWorld } from './shard-nodes.ts';

/**
 * Ranks candidates over gRPC on 4 training shards, which are separate processes that have read their features from
 * Kafka. 20 members of 2 targets with 100 trees each; the best 100 of each of the 64 partitions are reported and
 * merged. For comparison: the response time of the shards' health checks during the ranking.
 *
 *   npm run bench:rank -- [candidates] [shards]
 */
const CANDIDATES = Number(process.argv[2] ?? 1_000_000);
const SHARDS = Number(process.argv[3] ?? 4);
const KEEP = 100;
const [DATA, FILES] = ['known', 'made'];
const MEMBERS = 20;
const config: CampaignConfig = {
  ...CONFIG,
  name: 'bench',
  candidates: { from: 'files', paths: ['made'] },
  features: 'all',
  ensemble: { ...CONFIG.ensemble, members: MEMBERS },
  acquisition: { strategy: 'exploration', batch: KEEP, weights: {} },
};
const created: CampaignCreated = {
  type: 'CampaignCreated',
  campaign: 'bench',
  config,
  configHash: configHash(config),
  sources: [DATA, FILES],
};
const encoder = new TextEncoder();

console.log(
  `${cpus()[0]!.model}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
);
const known = await knownMaterials(DATA);
const world = await startShardWorld();
const { topics } = world;
const models = await timed('training the ensemble', () => trainEnsemble(known));
const opened = await timed(`${CANDIDATES} candidates into Kafka`, fillLog);
const { cluster, nodes, seconds } = await world.startShards(SHARDS);
console.log(`${SHARDS} shards started: ${seconds.toFixed(1)} s`);
await timed('features read', world.handled);
const pids = cluster.services.map(({ pid }) => pid!);
for (const pid of pids) console.log('  ', processUse(pid));

const links = nodes.map((node) => connectGrpc({ address: node.address! }));
const router = createShardRouter(async () =>
  nodes.map(({ partitions }, i) => ({
    calls: links[i]!.client<TrainingShard>(TrainingShardDefinition, { deadlineMs: 600_000 }),
    partitions: new Set(partitions),
  })),
);
for (const pass of ['first: labels and pool made ready, models loaded', 'again']) await rank(pass);
for (const link of links) link.close();
await cluster.stop();
await world.stop();
process.exit(0);

async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await action();
  console.log(`${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}

/** Trains one model per member and target and stores it in the model store. */
async function trainEnsemble(materials: readonly KnownMaterial[]): Promise<MemberModel[]> {
  const workerScript = new URL(
    `file://${resolve(import.meta.dirname, '../dist/src/adapters/lightgbm/train-worker.js')}`,
  );
  const library = await provideLightGbmLibrary();
  const regressor = createLightGbmRegressor({ library, workers: availableParallelism(), workerScript });
  const columns = featureIndices(config.features);
  const values = featureMatrix(
    materials.map(({ features }) => features),
    columns,
  );
  const { binsMax, trees, leavesMax, learningRate, featureFraction, rowsPerLeafMin } = config.ensemble.booster;
  const matrix = { rows: materials.length, columns: columns.length, values };
  const binned = await regressor.bin(matrix, { binsMax, rowsPerBinMin: 3 });
  const settings = { trees, leavesMax, learningRate, featureFraction, rowsPerLeafMin };
  const train = async (member: number, target: string, seed: number) => {
    const rows = Int32Array.from(materials.keys()).filter((row) => (row * 31 + member * 17) % 5 > 0);
    const targets = Float64Array.from(rows, (row) => materials[row]!.label.values[target] ?? 0);
    const { modelText, treesHash } = await binned.train({ rows, targets, seed, settings });
    return { target, model: await world.models.put(encoder.encode(modelText)), treesHash };
  };
  const members = Array.from({ length: MEMBERS }, async (_, member) => {
    const targets = await Promise.all(config.targets.map((target, t) => train(member, target, 2 * member + t)));
    return { member, modelHash: memberModelHash(targets.map(({ treesHash }) => treesHash as ContentHash)), targets };
  });
  return Promise.all(members).finally(() => regressor.close());
}

/** Writes the features of all materials, the labels of the known ones, and a round that was opened on them. */
async function fillLog(): Promise<RoundOpened> {
  const partitions = topics.features.partitions;
  const catalogue = new MaterialCatalogue({ vectors: false, partitions });
  const ends = new Array<number>(partitions).fill(0);
  const place = (id: string) => {
    const partition = keyPartition(encoder.encode(id), partitions);
    return { partition, offset: ends[partition]!++ };
  };
  function* features() {
    for (const { features } of known) yield note(features);
    for (const { features } of madeMaterials(known, CANDIDATES, FILES)) yield note(features);
  }
  function note(features: KnownMaterial['features']) {
    catalogue.addVersion(features, place(features.facts.materialId));
    return features;
  }
  await world.fill(features());
  await world.fill(known.map(exampleOf));
  for (const material of known) {
    const { partition } = place(material.features.facts.materialId);
    catalogue.addExample(exampleOf(material), { partition, offset: 0 });
  }
  const frozen = await timed('  freezing the data, one piece', async () => freezeData(created, catalogue));
  const basis = { created, frozen, catalogue, selectedBefore: new Set<string>(), partitions };
  const contents = await timed('  contents of round 1, one piece', async () => roundContents(basis));
  await timed('  contents of round 2, one piece', async () => roundContents(basis));
  const offsets: Record<string, readonly number[]> = {};
  for (const { name } of [topics.features, topics.examples]) offsets[name] = await world.log.endOffsets(name);
  const naming = createSnapshot(contents, {
    round: 1,
    testSet: frozen.testSet,
    pending: [],
    abandoned: [],
    featureSchema: 'bench',
    settings: created.configHash,
    offsets,
  });
  const snapshot = await timed('  naming them, in steps', () => createTimeSlices(systemClock).run(naming));
  const authored = { epoch: 1, writer: 'bench', sequence: 1 };
  const event: RoundOpened = {
    type: 'RoundOpened',
    snapshot,
    ...authored,
    snapshotHash: snapshotHash('bench', snapshot),
  };
  const claimed = { type: 'EpochClaimed', epoch: 1, writer: 'bench' } as const;
  await world.publisher.publish([created, claimed, event].map((one) => ({ event: one, campaign: 'bench' })));
  return event;
}

async function rank(pass: string): Promise<void> {
  const request: RankRequest = {
    campaign: 'bench',
    round: 1,
    snapshotHash: opened.snapshotHash,
    models,
    keep: KEEP,
    lowestPolymorphs: [],
    partitions: Array.from({ length: topics.features.partitions }, (_, i) => i),
  };
  const watch = watchHealth();
  const cpuBefore = pids.map((pid) => processUse(pid).cpuSeconds);
  const begun = performance.now();
  const answers: PartitionRanking[] = [];
  for await (const answer of router.Rank(request)) answers.push(answer);
  const seconds = (performance.now() - begun) / 1000;
  const best = mergeTop(
    answers.map(({ candidates }) => candidates.map(({ materialId: id, score }) => ({ id, score }))),
    KEEP,
  );
  const slowest = await watch.stop();
  const uses = pids.map(processUse);
  const cpu = uses.map(({ cpuSeconds }, i) => cpuSeconds - cpuBefore[i]!);
  const scored = answers.reduce((sum, { candidatesAggregates }) => sum + candidatesAggregates[0]!.count, 0);
  const coding = performance.now();
  const bytes = answers.map((answer) => PartitionRanking.encode(answer).finish());
  for (const message of bytes) PartitionRanking.decode(message);
  const codingSeconds = (performance.now() - coding) / 1000;
  const cpuSum = cpu.reduce((a, b) => a + b, 0);
  console.log(`rank, ${pass}`, {
    scored,
    seconds: round(seconds),
    candidatesPerSecond: Math.round(scored / seconds),
    best: best.length,
    bytesOverGrpc: bytes.reduce((sum, { length }) => sum + length, 0),
    shareOfSerialization: (codingSeconds / cpuSum).toFixed(4),
    cpuSecondsOfShards: cpu.map(round),
    slowestHealthAnswerMs: Math.round(slowest),
    rssMb: uses.map(({ rssMb }) => rssMb),
    peakMb: uses.map(({ peakMb }) => peakMb),
    load: loadavg()[0]!.toFixed(1),
  });
}

/** Requests every shard's health repeatedly and measures the slowest answer. */
function watchHealth() {
  let slowest = 0;
  let stopped = false;
  const ask = async (url: string) => {
    while (!stopped) {
      const begun = performance.now();
      await fetch(`${url}/health/live`);
      slowest = Math.max(slowest, performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const asking = Promise.all(cluster.services.map(({ statusUrl }) => ask(statusUrl)));
  return {
    async stop() {
      stopped = true;
      await asking;
      return slowest;
    },
  };
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
