import { describe, expect, it } from 'vitest';
import { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import type { SourcePartitionCompleted } from '../../../src/model/events.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';
import { hashOf } from '../../support/campaigns.ts';
import { DATA, exampleOf, featurized, PARTITIONS } from '../../support/catalogues.ts';

const place = (offset: number, partition = 0) => ({ partition, offset });
const create = (vectors = true) => new MaterialCatalogue({ vectors, partitions: PARTITIONS });
const watermark = (partition: number): SourcePartitionCompleted => ({
  type: 'SourcePartitionCompleted',
  ...{ source: DATA, partition, count: partition, hash: hashOf(`${partition}`) },
});

describe('MaterialCatalogue', () => {
  it('keeps the first of two equal events, whatever their offsets', () => {
    const catalogue = create();
    const features = featurized({ id: 'a' });
    const example = exampleOf(features, { g_vrh: 1 });
    for (const offset of [3, 7]) {
      catalogue.addVersion(features, place(offset));
      catalogue.addExample(example, place(offset));
    }
    expect(catalogue.versions().map(([id, versions]) => [id, versions.map(({ offset }) => offset)])).toEqual([
      ['a', [3]],
    ]);
    expect(catalogue.examples().map(([id, examples]) => [id, examples.map(({ offset }) => offset)])).toEqual([
      ['a', [3]],
    ]);
  });

  it('knows the same label of two sources as known to both', () => {
    const catalogue = create();
    const features = featurized({ id: 'a' });
    for (const [offset, source] of [DATA, 'again', DATA].entries()) {
      catalogue.addExample(exampleOf(features, { g_vrh: 1 }, {}, source), place(offset));
    }
    expect(catalogue.examples()[0]![1].map(({ source }) => source)).toEqual([DATA, 'again']);
  });

  it('keeps every version of a material, and finds it by its hash', () => {
    const catalogue = create();
    const versions = ['a', 'b'].map((version) => featurized({ id: 'x', version }));
    for (const [offset, version] of versions.entries()) catalogue.addVersion(version, place(offset));
    for (const { facts, featuresHash } of versions) {
      expect(catalogue.version('x' as MaterialId, facts.materialHash)?.featuresHash).toBe(featuresHash);
    }
    expect(catalogue.version('y' as MaterialId, versions[0]!.facts.materialHash)).toBeUndefined();
  });

  it('iterates in the order of the bytes of the ids, however they came', () => {
    const catalogue = create();
    for (const [offset, id] of ['b', '\u{1F9EA}', 'a', '\uFF61'].entries()) {
      catalogue.addVersion(featurized({ id }), place(offset));
      catalogue.addExample(exampleOf(featurized({ id }), { g_vrh: 1 }), place(offset));
      // Whoever asks in between gets what is there by then.
      expect([catalogue.versions().length, catalogue.examples().length]).toEqual([offset + 1, offset + 1]);
    }
    for (const all of [catalogue.versions(), catalogue.examples()]) {
      expect(all.map(([id]) => id)).toEqual(['a', 'b', '\uFF61', '\u{1F9EA}']);
    }
  });

  it('knows a source as complete when every partition of every topic has ended', () => {
    const catalogue = create();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      catalogue.addWatermark('features', watermark(partition));
      catalogue.addWatermark('features', watermark(partition));
      expect(catalogue.completedSource(DATA, ['features', 'examples'])).toBeUndefined();
    }
    for (let partition = PARTITIONS - 1; partition >= 0; partition--) {
      expect(catalogue.completedSource(DATA, ['features', 'examples'])).toBeUndefined();
      catalogue.addWatermark('examples', watermark(partition));
    }
    const completed = catalogue.completedSource(DATA, ['features', 'examples']);
    expect(completed).toMatchObject({ count: 0 + 1 + 2 + 3 });
    expect(catalogue.completedSource(DATA, ['examples', 'features'])).toEqual(completed);
    expect(catalogue.completedSource('another', ['features'])).toBeUndefined();
  });

  it('holds a vector once, and none where it is to keep none', () => {
    const full = create();
    const features = featurized({ id: 'a' });
    full.addVersion(features, place(0));
    full.addExample({ ...exampleOf(features, { g_vrh: 1 }), vector: Float64Array.from(features.vector) }, place(0));
    expect(full.examples()[0]![1][0]!.vector).toBe(features.vector);
    const lean = create(false);
    lean.addExample(exampleOf(features, { g_vrh: 1 }), place(0));
    expect(lean.examples()[0]![1][0]).toMatchObject({ vector: new Float64Array(0), hasStructureFeatures: true });
  });

  it('notices structure features that are not known', () => {
    const catalogue = create();
    const features = featurized({ id: 'a' });
    catalogue.addVersion({ ...features, vector: features.vector.with(280, Number.NaN) }, place(0));
    catalogue.addVersion({ ...featurized({ id: 'b' }), vector: features.vector.with(0, Number.NaN) }, place(1));
    expect(catalogue.versions().map(([, [version]]) => version!.hasStructureFeatures)).toEqual([false, true]);
  });

  it('forgets the versions of a partition that went to another node', () => {
    const catalogue = create();
    for (const [partition, id] of ['a', 'b'].entries()) catalogue.addVersion(featurized({ id }), place(0, partition));
    expect(catalogue.versions()).toHaveLength(2);
    catalogue.dropVersions(0);
    expect(catalogue.versions().map(([id]) => id)).toEqual(['b']);
  });
});
