import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { startExampleForming } from '../../../services/training-shard/example-forming.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { FEATURES, featureSchemaId } from '../../../src/featurizers/feature-schema.ts';
import { nameIds } from '../../../src/learning/campaign/round-snapshot.ts';
import { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import { contentHash } from '../../../src/model/content-hash.ts';
import { createLabel } from '../../../src/model/label.ts';
import { featureVectorHash } from '../../../src/model/material-hash.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';
import { createTopics } from '../../../src/model/topics.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import { decodeRecords } from '../../../src/runtime/decode-records.ts';
import { createPositions } from '../../../src/runtime/positions.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';

/** Some 350 in each partition, which are more than fit a batch; WAITING_LABELS=22000 fills all 64 partitions so. */
const LABELS = Number(process.env.WAITING_LABELS ?? 1400);
const PARTITIONS = LABELS < 10_000 ? 4 : 64;
const SOURCE = 'known';
const SCHEMA = featureSchemaId('primitive');

describeWithKafka('a training shard for which labels wait', () => {
  let cluster: KafkaCluster;
  let log: EventLog;
  beforeAll(async () => {
    cluster = await startKafkaCluster(1);
    log = await openKafkaEventLog({ brokers: cluster.brokers, clientId: 'test', replicas: 1 });
  }, 400_000);
  afterAll(async () => {
    await log?.close();
    await cluster?.stop();
  });

  it('forms an example of each, traced, and passes the watermarks on behind them', async () => {
    const topics = createTopics({ featureSchema: SCHEMA, materialPartitions: PARTITIONS });
    const { telemetry } = recordedTelemetry();
    const ports = { log, topics, clock: systemClock, random: systemRandom, telemetry };
    await log.declare(Object.values(topics));
    await fill(ports);
    const catalogue = new MaterialCatalogue({ vectors: true, partitions: PARTITIONS });
    const featured = createPositions(PARTITIONS, -1);
    const nothing = () => {};
    const service = await startExampleForming({
      ...{ ports, publisher: createPublisher(ports, 'training-shard'), engine: 'test', catalogue, featured },
      ...{ onAssigned: nothing, onPartitions: nothing },
    });
    const examples = async () => (await log.endOffsets(topics.examples.name)).reduce((sum, end) => sum + end, 0);
    await Promise.race([service.failed, eventually(async () => (await examples()) >= LABELS + PARTITIONS, 120_000)]);
    await service.stop();

    const ends = await log.endOffsets(topics.examples.name);
    const found = new Set<string>();
    for (const [partition, to] of ends.entries()) {
      const types: string[] = [];
      for await (const batch of log.read([{ topic: topics.examples.name, partition, from: 0, to }])) {
        for (const { event } of decodeRecords(batch).received) {
          types.push(event.type);
          if (event.type === 'ExampleFormed') found.add(event.label.id);
        }
      }
      expect(types.indexOf('SourcePartitionCompleted')).toBe(types.length - 1);
      expect(types.length).toBeGreaterThan(1);
    }
    expect(found.size).toBe(LABELS);
    expect(await examples()).toBe(LABELS + PARTITIONS);
  }, 600_000);
});

/** Labels and features of as many materials, and the end of their source in every partition. */
async function fill(ports: Parameters<typeof createPublisher>[0]): Promise<void> {
  const publisher = createPublisher(ports, 'test');
  for (let from = 0; from < LABELS; from += 500) {
    const some = Array.from({ length: Math.min(500, LABELS - from) }, (_, i) => known(from + i));
    await publisher.publish(some.flatMap((events) => events.map((event) => ({ event }))));
  }
  const { hash, count } = nameIds([]);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const event = { type: 'SourcePartitionCompleted', source: SOURCE, partition, count, hash } as const;
    await publisher.publish([ports.topics.features, ports.topics.labels].map((topic) => ({ event, topic })));
  }
}

function known(i: number) {
  const materialId = `mp-${i}` as MaterialId;
  const materialHash = contentHash('material', [materialId]);
  const vector = Float64Array.from(FEATURES, (_, n) => Math.sin(i + n));
  const facts = { materialId, materialHash, elements: Uint8Array.of(13, 26), reducedFormula: 'AlFe', siteCount: 2 };
  const label = createLabel({
    ...{ materialId, materialHash, labelSet: 'known', method: { kind: 'dft' }, provenance: `row ${i}` },
    values: { g_vrh: 80.125, k_vrh: 100 + (i % 50) },
  });
  return [
    { type: 'LabelIngested', source: SOURCE, label },
    { type: 'StructureFeaturized', source: SOURCE, facts, featuresHash: featureVectorHash(SCHEMA, vector), vector },
  ] as const;
}
