import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { startFeaturization } from '../../../services/featurization/featurization.ts';
import { LOOP_FEATURE_SCHEMA } from '../../../services/featurization/loop-featurizer.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { createWorkerFeaturizer } from '../../../src/adapters/worker-threads/featurizer.ts';
import type { MaterialIngested } from '../../../src/model/events.ts';
import { createLattice } from '../../../src/model/lattice.ts';
import { materialHash } from '../../../src/model/material-hash.ts';
import { type MaterialId, parseMaterialId } from '../../../src/model/material-id.ts';
import { keyPartition } from '../../../src/model/partitioner.ts';
import { createStructure } from '../../../src/model/structure.ts';
import { createTopics } from '../../../src/model/topics.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import { decodeRecords } from '../../../src/runtime/decode-records.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { moduleUrl } from '../../support/worker-scripts.ts';

const COSTLY = 10;
const topics = createTopics({ featureSchema: LOOP_FEATURE_SCHEMA, materialPartitions: 8 });
const { materials, features } = topics;

/** A worker that thinks of each material for as long as its id says: some longer than a member's session of 6 s. */
const thinking = moduleUrl(`
  import { parentPort } from 'node:worker_threads';
  const never = new Int32Array(new SharedArrayBuffer(4));
  parentPort.on('message', ({ id }) => {
    Atomics.wait(never, 0, 0, Number(id.split('-')[1]));
    parentPort.postMessage({ vector: new Float64Array(281) });
  });
  parentPort.postMessage('ready');`);

/** Atoms on a sphere, as many as there are; of them all a batch of 64 materials would have ten. */
function cage(name: string, atoms: number): MaterialIngested {
  const positions = Array.from({ length: atoms }, (_, i) => {
    const z = 1 - (2 * i + 1) / atoms;
    const [r, turn] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
    return [0.5 + 0.25 * r * Math.cos(turn), 0.5 + 0.25 * r * Math.sin(turn), 0.5 + 0.25 * z];
  });
  const lattice = createLattice([60, 0, 0, 0, 60, 0, 0, 0, 60]);
  const structure = createStructure(lattice, new Uint8Array(atoms).fill(6), positions.flat());
  const material = { id: parseMaterialId(name), structure };
  return { type: 'MaterialIngested', source: 's', material, materialHash: materialHash(material) };
}

const partitionOf = (id: MaterialId) => keyPartition(new TextEncoder().encode(id), materials.partitions);

/** `prefix-ms-n` for the first n that lies in such a partition. */
function idIn(prefix: string, isWanted: (partition: number) => boolean): string {
  for (let n = 0; ; n++) if (isWanted(partitionOf(parseMaterialId(`${prefix}-${n}`)))) return `${prefix}-${n}`;
}

describeWithKafka('featurization of structures that take longer than a session', () => {
  let cluster: KafkaCluster;
  let log: EventLog;
  beforeAll(async () => {
    cluster = await startKafkaCluster(1);
    log = await openKafkaEventLog({ brokers: cluster.brokers, clientId: 'test', replicas: 1 });
    await log.declare(Object.values(topics));
  }, 400_000);
  afterAll(async () => {
    await log?.close();
    await cluster?.stop();
  });

  it('commits each when it is done, begins none again, and goes on with other partitions meanwhile', async () => {
    const { telemetry, told } = recordedTelemetry();
    const ports = { log, topics, clock: systemClock, random: systemRandom, telemetry };
    const times = Array.from({ length: COSTLY }, (_, i) => (i === 4 ? 8000 : 900 + i));
    const costly = times.map((ms) =>
      cage(
        idIn(`costly-${ms}`, (partition) => partition === 0),
        1500,
      ),
    );
    const quick = Array.from({ length: 30 }, (_, i) =>
      cage(
        idIn(`quick-${i / 100}`, (partition) => partition > 0),
        20,
      ),
    );
    const publisher = createPublisher(ports, 'test');
    await publisher.publish([...costly, ...quick].map((event) => ({ event })));

    const featurizer = createWorkerFeaturizer({ script: thinking, workers: 2 });
    const service = await startFeaturization(ports, featurizer);
    const committed = new Set<number>();
    const counts = async () => {
      const [first = 0, ...others] = await log.committedOffsets('featurization', materials.name);
      committed.add(first);
      return { first, others: others.reduce((sum, offset) => sum + offset, 0) };
    };
    const done = eventually(async () => (await counts()).others === quick.length, 60_000).then(counts);
    expect((await Promise.race([done, service.failed])).first).toBeLessThan(COSTLY / 2);
    await Promise.race([eventually(async () => (await counts()).first === COSTLY, 60_000), service.failed]);
    await service.stop();
    await featurizer.close();

    // Piece by piece, and nothing twice: a member that was expelled would be given what it had not committed again.
    expect(committed.size).toBeGreaterThan(COSTLY / 2);
    expect(told.batchHandled.reduce((sum, { handled }) => sum + handled, 0)).toBe(COSTLY + quick.length);
    const ids: string[] = [];
    const to = (await log.endOffsets(features.name))[0]!;
    for await (const batch of log.read([{ topic: features.name, partition: 0, from: 0, to }])) {
      for (const { event } of decodeRecords(batch).received) {
        if (event.type === 'StructureFeaturized') ids.push(event.facts.materialId);
      }
    }
    expect(ids).toEqual(costly.map(({ material }) => material.id));
  });
});
