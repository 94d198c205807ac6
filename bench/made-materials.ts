import { fileURLToPath } from 'node:url';
import {
  createLoopFeaturizer,
  featurizedEvent,
  LOOP_FEATURE_SCHEMA,
} from '../services/featurization/loop-featurizer.ts';
import { openFileSource } from '../src/adapters/sources/files/file-source.ts';
import { contentHash } from '../src/model/content-hash.ts';
import type { ExampleFormed, LabelIngested, StructureFeaturized } from '../src/model/events.ts';
import { createLabel, type Label } from '../src/model/label.ts';
import { featureVectorHash, materialHash } from '../src/model/material-hash.ts';
import type { MaterialId } from '../src/model/material-id.ts';

const EXAMPLES = fileURLToPath(new URL('../examples/elastic-tensor-2015.jsonl.gz', import.meta.url));

/** A featurized material with a label. */
export interface KnownMaterial {
  readonly features: StructureFeaturized;
  readonly label: Label;
}

/** Returns the 1,181 crystals of examples/, featurized. */
export async function knownMaterials(source: string): Promise<readonly KnownMaterial[]> {
  const featurize = createLoopFeaturizer();
  const known: KnownMaterial[] = [];
  for await (const item of (await openFileSource(EXAMPLES)).read()) {
    if (item.kind === 'rejection' || item.label === undefined) continue;
    const hash = materialHash(item.material);
    const ingested = { type: 'MaterialIngested', source, material: item.material, materialHash: hash } as const;
    const features = featurizedEvent(ingested, featurize(item.material));
    if (features.type !== 'StructureFeaturized') continue;
    const label = createLabel({ ...item.label, labelSet: 'known', materialId: item.material.id, materialHash: hash });
    known.push({ features, label });
  }
  return known;
}

/**
 * Yields `count` materials: the known ones repeatedly, with every value that is not a whole number changed by up to 5
 * %.
 */
export function* madeMaterials(
  known: readonly KnownMaterial[],
  count: number,
  source: string,
): Generator<KnownMaterial> {
  for (let i = 0; i < count; i++) {
    const { features, label } = known[i % known.length]!;
    const factor = 1 + (0.05 * ((Math.imul(i, 2_654_435_761) >>> 0) + 1)) / 2 ** 32;
    const vector = features.vector.map((value) => (Number.isInteger(value) ? value : value * factor));
    const materialId = `made-${i}` as MaterialId;
    const hash = contentHash('material', [materialId]);
    const facts = { ...features.facts, materialId, materialHash: hash };
    const featuresHash = featureVectorHash(LOOP_FEATURE_SCHEMA, vector);
    const { labelSet, method, values, provenance } = label;
    yield {
      features: { type: 'StructureFeaturized', source, facts, featuresHash, vector },
      label: createLabel({ materialId, materialHash: hash, labelSet, method, values, provenance }),
    };
  }
}

export function labelOf({ label }: KnownMaterial, source: string): LabelIngested {
  return { type: 'LabelIngested', source, label };
}

export function exampleOf({ features, label }: KnownMaterial): ExampleFormed {
  const { source, facts, featuresHash, vector } = features;
  return { type: 'ExampleFormed', source, label, facts, featuresHash, vector };
}
