import { ALL_FEATURES, EXTENDED_SCHEMA, FEATURES, featureSchemaId } from '../../src/featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../../src/featurizers/material-featurizer.ts';
import { contentHash } from '../../src/model/content-hash.ts';
import type { InputRejected, MaterialIngested, StructureFeaturized } from '../../src/model/events.ts';
import type { Material } from '../../src/model/material.ts';
import { materialFacts } from '../../src/model/material-facts.ts';
import { featureVectorHash } from '../../src/model/material-hash.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import type { Featurization } from '../../src/ports/featurizer.ts';

/** The kind of cell is part of the schema; the loop uses the primitive cell. */
const CELL = 'primitive';
export const LOOP_FEATURE_SCHEMA = featureSchemaId(CELL);

/** Creates a function that featurizes a material on this thread, as a Featurizer does. */
export function createLoopFeaturizer(schema = LOOP_FEATURE_SCHEMA): (material: Material) => Featurization {
  const geometric = schema === EXTENDED_SCHEMA;
  const featurizer = createMaterialFeaturizer({ cell: CELL, geometric });
  const { length } = geometric ? ALL_FEATURES : FEATURES;
  return (material) => {
    const vector = new Float64Array(length);
    try {
      featurizer.featurize(material, vector);
      return { vector };
    } catch (error) {
      if (!(error instanceof RejectedInput)) throw error;
      return { refusal: { code: error.code, message: error.message } };
    }
  };
}

/** Returns the event for the log: the features, or a rejection. */
export function featurizedEvent(
  { source, material, materialHash }: MaterialIngested,
  featurization: Featurization,
  schema = LOOP_FEATURE_SCHEMA,
): StructureFeaturized | InputRejected {
  if ('refusal' in featurization) {
    const { code, message } = featurization.refusal;
    const rejection = { code, message, source, materialId: material.id };
    return { type: 'InputRejected', id: contentHash('rejection', [source, materialHash, code]), rejection };
  }
  const { vector } = featurization;
  const facts = materialFacts(material, materialHash);
  const featuresHash = featureVectorHash(schema, vector);
  return { type: 'StructureFeaturized', source, facts, featuresHash, vector };
}
