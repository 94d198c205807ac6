import { FEATURES, featureSchemaId } from '../../src/featurizers/feature-schema.ts';
import { createMaterialFeaturizer, type MaterialFeaturizer } from '../../src/featurizers/material-featurizer.ts';
import { contentHash } from '../../src/model/content-hash.ts';
import type { InputRejected, MaterialIngested, StructureFeaturized } from '../../src/model/events.ts';
import { materialFacts } from '../../src/model/material-facts.ts';
import { featureVectorHash } from '../../src/model/material-hash.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { createPublisher, type Publication } from '../../src/runtime/publisher.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';

/** The choice of cell is part of the schema; the loop uses the primitive one. */
const CELL = 'primitive';
export const LOOP_FEATURE_SCHEMA = featureSchemaId(CELL);
/** A batch blocks this thread: 30 ms for usual cells. */
const MATERIALS_PER_BATCH = 64;
/** Some partitions are featurized while the features of others are on their way into the log. */
const PARTITIONS_SIDE_BY_SIDE = 8;

/** Turns materials into feature vectors, partition by partition, and passes the watermarks on behind them. */
export function startFeaturization(ports: ServicePorts): Promise<Service> {
  const { materials, features } = ports.topics;
  const publisher = createPublisher(ports, 'featurization');
  const featurizer = createMaterialFeaturizer({ cell: CELL });
  return startConsumer(ports, publisher, {
    group: 'featurization',
    topics: [materials.name],
    batchRecordsMax: MATERIALS_PER_BATCH,
    concurrency: PARTITIONS_SIDE_BY_SIDE,
    async handle(received) {
      const rejected: Publication[] = [];
      const featurized: Publication[] = [];
      for (const { event } of received) {
        if (event.type === 'SourcePartitionCompleted') featurized.push({ event, topic: features });
        if (event.type !== 'MaterialIngested') continue;
        const result = featurize(event, featurizer);
        (result.type === 'InputRejected' ? rejected : featurized).push({ event: result });
      }
      // A watermark says that everything before it is featurized or rejected, so the rejections come first.
      await publisher.publish(rejected);
      await publisher.publish(featurized);
    },
  });
}

export function featurize(
  { source, material, materialHash }: MaterialIngested,
  featurizer: MaterialFeaturizer,
): StructureFeaturized | InputRejected {
  const vector = new Float64Array(FEATURES.length);
  try {
    featurizer.featurize(material, vector);
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    const { code, message } = error;
    const rejection = { code, message, source, materialId: material.id };
    return { type: 'InputRejected', id: contentHash('rejection', [source, materialHash, code]), rejection };
  }
  const facts = materialFacts(material, materialHash);
  const featuresHash = featureVectorHash(LOOP_FEATURE_SCHEMA, vector);
  return { type: 'StructureFeaturized', source, facts, featuresHash, vector };
}
