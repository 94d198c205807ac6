import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ALL_FEATURES,
  COMPOSITION_OFFSET,
  FEATURE_SETS,
  FEATURES,
  type FeatureSet,
  featureIndices,
  featureSchemaId,
  MP_OFFSET,
  STRUCTURE_OFFSET,
  schemaFeatures,
} from '../../src/featurizers/feature-schema.ts';

const labels = FEATURES.map(({ label }) => label);

function matminerLabels(fixture: string): string[] {
  const url = new URL(`../fixtures/${fixture}-golden.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { labels: string[] }).labels;
}

describe('the feature vector', () => {
  it("has 281 features: 8 of the Materials Project, then matminer's 145 and 128, in its order", () => {
    expect(labels).toHaveLength(281);
    expect([MP_OFFSET, COMPOSITION_OFFSET, STRUCTURE_OFFSET]).toEqual([0, 8, 153]);
    expect(labels.slice(8)).toEqual([...matminerLabels('composition'), ...matminerLabels('structure')]);
  });

  it('names each feature once, with its unit', () => {
    expect(new Set(labels).size).toBe(281);
    expect(FEATURES.filter(({ unit }) => unit.trim() === '')).toEqual([]);
  });

  it('goes on with bonds and geometry in its second schema', () => {
    expect(ALL_FEATURES.slice(0, 281)).toEqual(FEATURES);
    expect(new Set(ALL_FEATURES.map(({ label }) => label)).size).toBe(358);
    expect(new Set(ALL_FEATURES.slice(281).map(({ group }) => group))).toEqual(new Set(['geometry']));
  });

  it('gives units to what has them', () => {
    const unitOf = Object.fromEntries(FEATURES.map(({ label, unit }) => [label, unit]));
    expect(unitOf).toMatchObject({
      volume: 'Angstrom^3',
      '2-norm': '1',
      'MagpieData mean MeltingT': 'K',
      'MagpieData range AtomicWeight': unitOf['mean local difference in AtomicWeight']!,
      'mean local difference in MeltingT': 'K',
      'mean CN_VoronoiNN': '1',
    });
  });
});

describe('the feature sets', () => {
  const sizes: Record<FeatureSet, number> = {
    ...{ all: 281, 'c+s': 273, c: 145, s: 128, paper: 279 },
    ...{ 'all+g': 358, 'c+s+g': 350, g: 77, 'paper+g': 356 },
  };

  it.each(FEATURE_SETS)('%s is an ascending part of the vector', (set) => {
    const indices = [...featureIndices(set)];
    expect(indices).toHaveLength(sizes[set]);
    expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
    expect(indices.every((i) => i >= 0 && i < schemaFeatures(set).length)).toBe(true);
  });

  it('composition and structure stand side by side', () => {
    expect([...featureIndices('c+s')]).toEqual([...featureIndices('c'), ...featureIndices('s')]);
    expect(featureIndices('c')[0]).toBe(8);
    expect(featureIndices('s')[0]).toBe(153);
  });

  it('paper leaves out what only more DFT can tell', () => {
    const kept = new Set(featureIndices('paper'));
    expect(labels.filter((_, i) => !kept.has(i))).toEqual(['formation_energy_per_atom', 'energy_above_hull']);
  });
});

it('the schema names version and cell', () => {
  expect(featureSchemaId('primitive')).toMatch(/^elastream-281-v\d+$/);
  expect(featureSchemaId('primitive', ALL_FEATURES)).toBe('elastream-358-v1');
  expect(featureSchemaId('as-given')).toBe(`${featureSchemaId('primitive')}-as-given`);
});
