import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { knownMaterials, labelOf, madeMaterials } from './made-materials.ts';
import { processUse, startShardWorld } from './shard-nodes.ts';

/**
 * Measures the time from a training shard's start until it has read everything in its partitions and can train and
 * rank. The log has 155,000 materials, 13,000 of them labelled (the proportions of the Materials Project). One shard
 * holds all partitions or a quarter of them. The first start also forms the examples; the later starts are the
 * measurement.
 *
 *   npm run bench:restart -- [materials] [labelled]
 */
const MATERIALS = Number(process.argv[2] ?? 155_000);
const LABELLED = Number(process.argv[3] ?? 13_000);
const SOURCE = 'made';

console.log(
  `${cpus()[0]!.model}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
);
const known = await knownMaterials(SOURCE);
const world = await startShardWorld();
const { topics, log } = world;
const filling = performance.now();
function* events() {
  let i = 0;
  for (const material of madeMaterials(known, MATERIALS, SOURCE)) {
    yield material.features;
    if (i++ < LABELLED) yield labelOf(material, SOURCE);
  }
}
await world.fill(events());
console.log(`${MATERIALS} materials into Kafka: ${((performance.now() - filling) / 1000).toFixed(1)} s`);
await start('first start, all partitions: forms the examples too', 1, LABELLED);
await start('restart, all partitions', 1, LABELLED);
await start('restart, four shards', 4, LABELLED);
await world.stop();
process.exit(0);

async function start(what: string, shards: number, examplesWanted: number): Promise<void> {
  const load = loadavg()[0]!.toFixed(1);
  const { cluster, seconds } = await world.startShards(shards);
  const begun = performance.now();
  while ((await examples()) < examplesWanted) await sleep(50);
  const formed = (performance.now() - begun) / 1000;
  const uses = cluster.services.map(({ pid }) => processUse(pid!));
  console.log(what, {
    seconds: seconds.toFixed(1),
    andExamplesFormed: formed.toFixed(1),
    load,
    cpuSeconds: uses.map(({ cpuSeconds }) => cpuSeconds),
    rssMb: uses.map(({ rssMb }) => rssMb),
    peakMb: uses.map(({ peakMb }) => peakMb),
  });
  // Waits until the last offsets are committed, as in a service that has run for a while.
  await world.handled();
  await cluster.stop();
}

async function examples(): Promise<number> {
  return (await log.endOffsets(topics.examples.name)).reduce((sum, end) => sum + end, 0);
}
