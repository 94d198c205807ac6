import { FEATURES, featureSchemaId } from '../../src/featurizers/feature-schema.ts';
import type { CampaignConfig } from '../../src/learning/campaign/campaign-config.ts';
import { configHash } from '../../src/learning/campaign/campaign-decider.ts';
import type { CampaignCreated } from '../../src/learning/campaign/campaign-events.ts';
import { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import { contentHash } from '../../src/model/content-hash.ts';
import { atomicNumber } from '../../src/model/element-symbols.ts';
import type { ExampleFormed, StructureFeaturized } from '../../src/model/events.ts';
import { createLabel, type LabelContent } from '../../src/model/label.ts';
import type { MaterialFacts } from '../../src/model/material-facts.ts';
import { featureVectorHash } from '../../src/model/material-hash.ts';
import { type MaterialId, parseMaterialId } from '../../src/model/material-id.ts';
import { CONFIG } from './campaigns.ts';

export const PARTITIONS = 4;
export const DATA = 'elastic.jsonl@sha256:0#known';
export const FILES = 'candidates.cif@sha256:1#candidates';

export function createdWith(change: Partial<CampaignConfig> = {}, sources = [DATA]): CampaignCreated {
  const config = { ...CONFIG, ...change };
  return { type: 'CampaignCreated', campaign: 'test', config, configHash: configHash(config), sources };
}

export interface SyntheticMaterial {
  readonly id: string;
  readonly symbols?: readonly string[];
  readonly version?: string;
  readonly facts?: Partial<MaterialFacts>;
}

/** The features of an invented material: every feature is a number that follows from the id and the version. */
export function featurized(
  { id, symbols = ['Na', 'Cl'], version = 'a', facts }: SyntheticMaterial,
  source = DATA,
): StructureFeaturized {
  const materialId = parseMaterialId(id);
  const vector = Float64Array.from(
    FEATURES,
    (_, i) => i + [...`${id}${version}`].reduce((sum, c) => sum + c.charCodeAt(0), 0),
  );
  const elements = Uint8Array.from(symbols, (symbol) => atomicNumber(symbol)!).sort();
  return {
    type: 'StructureFeaturized',
    source,
    facts: {
      materialId,
      materialHash: contentHash('material', [id, version]),
      elements,
      reducedFormula: symbols.join(''),
      siteCount: symbols.length,
      ...facts,
    },
    featuresHash: featureVectorHash(featureSchemaId('primitive'), vector),
    vector,
  };
}

export function exampleOf(
  features: StructureFeaturized,
  values: LabelContent['values'],
  change: Partial<LabelContent> = {},
  source = features.source,
): ExampleFormed {
  const { facts, featuresHash, vector } = features;
  const { materialId, materialHash } = facts;
  const label = createLabel({
    materialId,
    materialHash,
    values,
    labelSet: 'known',
    method: { kind: 'dft' },
    provenance: 'elastic.jsonl: line 1',
    ...change,
  });
  return { type: 'ExampleFormed', source, label, facts, featuresHash, vector };
}

/** A catalogue of labelled materials whose moduli follow from their number; the ids are m00, m01, ... */
export function labelledCatalogue(count: number, symbolsOf: (i: number) => readonly string[] = () => ['Na', 'Cl']) {
  const catalogue = new MaterialCatalogue({ vectors: true, partitions: PARTITIONS });
  for (let i = 0; i < count; i++) {
    const features = featurized({ id: materialName(i), symbols: symbolsOf(i) });
    const place = { partition: i % PARTITIONS, offset: Math.floor(i / PARTITIONS) };
    catalogue.addVersion(features, place);
    catalogue.addExample(exampleOf(features, { g_vrh: 10 + i, k_vrh: 20 + 2 * i }), place);
  }
  return catalogue;
}

export function materialName(i: number): MaterialId {
  return `m${String(i).padStart(2, '0')}` as MaterialId;
}
