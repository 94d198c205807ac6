import { describe, expect, it } from 'vitest';
import { createExampleFormer } from '../../../services/training-shard/example-former.ts';
import { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import type { LabelIngested, SourcePartitionCompleted } from '../../../src/model/events.ts';
import { featureSchemaOf } from '../../../src/model/topics.ts';
import type { Received } from '../../../src/runtime/decode-records.ts';
import { hashOf } from '../../support/campaigns.ts';
import { exampleOf, featurized } from '../../support/catalogues.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const { labels, features, examples } = SIMULATED_TOPICS;
const FEATURES = featurized({ id: 'mp-1' });
const featureSchema = featureSchemaOf(features.name)!;
const EXAMPLE = { ...exampleOf(FEATURES, { g_vrh: 80, k_vrh: 120 }), featureSchema };
const LABEL: LabelIngested = { type: 'LabelIngested', source: EXAMPLE.source, label: EXAMPLE.label };
const OTHER = { ...exampleOf(FEATURES, { g_vrh: 81, k_vrh: 120 }), featureSchema };
const OTHER_LABEL: LabelIngested = { type: 'LabelIngested', source: OTHER.source, label: OTHER.label };
const WATERMARK: SourcePartitionCompleted = {
  ...{ type: 'SourcePartitionCompleted', source: 's', partition: 3, count: 1, hash: hashOf('ids') },
};

function open() {
  const former = createExampleFormer(SIMULATED_TOPICS, new MaterialCatalogue({ vectors: true, partitions: 8 }));
  const take = (event: Received['event'], topic = event.type === 'LabelIngested' ? labels.name : features.name) =>
    former.take({ event, topic, key: 'mp-1', partition: 3, offset: 0, id: 'x', time: '' });
  return { take, drop: former.drop, former };
}

describe('the former of examples', () => {
  it('joins a label with features that were there before', () => {
    const { take } = open();
    expect(take(FEATURES)).toEqual([]);
    expect(take(LABEL)).toEqual([{ event: EXAMPLE }]);
  });

  it('joins features with all labels that were there before, each once', () => {
    const { take } = open();
    for (const label of [LABEL, OTHER_LABEL, LABEL]) expect(take(label)).toEqual([]);
    expect(take(FEATURES)).toEqual([{ event: EXAMPLE }, { event: OTHER }]);
  });

  it('tells the same of features that are handled again, because their examples could not be published', () => {
    const { take } = open();
    take(LABEL);
    const first = take(FEATURES);
    expect(take(FEATURES)).toEqual(first);
    expect(first).toHaveLength(1);
  });

  it('leaves out the tensor, which no model needs', () => {
    const { take } = open();
    take(FEATURES);
    const [formed] = take({ ...LABEL, label: { ...LABEL.label, tensor: new Float64Array(36) } });
    expect(formed).toEqual({ event: EXAMPLE });
  });

  it('does not join a label with another version of its material', () => {
    const { take } = open();
    expect(take(featurized({ id: 'mp-1', version: 'b' }))).toEqual([]);
    expect(take(LABEL)).toEqual([]);
  });

  it('passes a watermark on when it has come in both topics, and again when it comes again', () => {
    const { take } = open();
    const passed = [{ event: WATERMARK, topic: examples }];
    expect(take(WATERMARK, features.name)).toEqual([]);
    expect(take({ ...WATERMARK, source: 'other' }, labels.name)).toEqual([]);
    expect(take(WATERMARK, labels.name)).toEqual(passed);
    expect(take(WATERMARK, labels.name)).toEqual(passed);
  });

  it('refuses what comes after the end of its source, and again when it comes again', () => {
    const { take } = open();
    take(FEATURES);
    take(LABEL);
    take({ ...WATERMARK, source: EXAMPLE.source }, labels.name);
    take({ ...WATERMARK, source: EXAMPLE.source }, features.name);
    const [late] = take(OTHER_LABEL);
    const { source, materialId } = { source: OTHER.source, materialId: 'mp-1' };
    expect(late).toMatchObject({ event: { rejection: { code: 'source_complete', source, materialId } } });
    expect(take(OTHER_LABEL)).toEqual([late]);
    const other = featurized({ id: 'mp-1', version: 'b' });
    expect(take(other)).toMatchObject([{ event: { rejection: { code: 'source_complete', source, materialId } } }]);
    expect(take({ ...OTHER_LABEL, source: 'open' })).toEqual([{ event: { ...OTHER, source: 'open' } }]);
  });

  it('takes the same once more for what it was, after the end too', () => {
    const { take } = open();
    take(LABEL);
    take({ ...WATERMARK, source: EXAMPLE.source }, labels.name);
    expect(take(LABEL)).toEqual([]);
    expect(take(FEATURES)).toEqual([{ event: EXAMPLE }]);
    take({ ...WATERMARK, source: EXAMPLE.source }, features.name);
    expect([take(FEATURES), take(LABEL)]).toEqual([[{ event: EXAMPLE }], [{ event: EXAMPLE }]]);
  });

  it('forgets a partition that has gone to another shard', () => {
    const { take, drop } = open();
    take(LABEL);
    take(WATERMARK, labels.name);
    drop(3);
    expect(take(FEATURES)).toEqual([]);
    expect(take(WATERMARK, features.name)).toEqual([]);
    drop(3);
    expect(take(LABEL)).toEqual([]);
  });

  it('remembers no label once its example is in the log, and of a campaign not even that it came', () => {
    const { take, former } = open();
    const campaign = 'campaign:test';
    const own = { ...LABEL, source: campaign, label: { ...LABEL.label, labelSet: campaign } };
    for (const label of [LABEL, OTHER_LABEL, own]) take(label);
    expect(former.remembered()).toEqual({ early: 1, onTime: 2 });
    const found = take(FEATURES);
    // They may be handled again until they are published.
    expect(take(FEATURES)).toEqual(found);
    former.published(3);
    expect(former.remembered()).toEqual({ early: 0, onTime: 2 });
    expect(take(LABEL)).toEqual([{ event: EXAMPLE }]);
    former.drop(3);
    expect(former.remembered()).toEqual({ early: 0, onTime: 0 });
  });
});
