import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExampleFormer } from '../../../services/training-shard/example-former.ts';
import { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import { SourceEnds } from '../../../src/learning/data/source-ends.ts';
import type { SourcePartitionCompleted } from '../../../src/model/events.ts';
import { hashOf } from '../../support/campaigns.ts';
import { exampleOf, featurized } from '../../support/catalogues.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const watermark = (source: string, partition = 0, hash = 'all'): SourcePartitionCompleted => ({
  ...{ type: 'SourcePartitionCompleted', source, partition, count: 1, hash: hashOf(hash) },
});

/** One partition's stream: what two sources bring, and where they end, again and again. */
const stream = fc.array(
  fc.record({
    source: fc.constantFrom('s', 't'),
    what: fc.oneof({ weight: 4, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constant('end' as const) }),
  }),
  { maxLength: 30 },
);

describe('the end of a source', () => {
  it('is its first watermark, partition by partition and topic by topic', () => {
    const ends = new SourceEnds();
    ends.add('a', watermark('s', 1));
    ends.add('a', watermark('s', 1, 'other'));
    expect([ends.has('a', 's', 1), ends.has('a', 's', 0), ends.has('b', 's', 1), ends.has('a', 't', 1)]).toEqual([
      ...[true, false, false, false],
    ]);
    expect(ends.of('a', 's')?.get(1)?.hash).toBe(hashOf('all'));
    ends.drop('a', 1);
    expect(ends.has('a', 's', 1)).toBe(false);
  });

  it('makes late what comes after it and not before, for every reader and however often it is delivered', () => {
    fc.assert(
      fc.property(stream, fc.nat(30), (events, again) => {
        const expected = new Set<string>();
        const ended = new Set<string>();
        for (const { source, what } of events) {
          if (what === 'end') ended.add(source);
          else if (!ended.has(source)) expected.add(`${source} ${what}`);
        }
        const catalogue = new MaterialCatalogue({ vectors: false, partitions: 1 });
        // A node that was cut off is given a part of the stream again.
        for (const [offset, { source, what }] of [...events, ...events.slice(again)].entries()) {
          if (what === 'end') catalogue.addWatermark('features', watermark(source));
          else catalogue.addVersion(featurized({ id: `m${what}` }, source), { partition: 0, offset });
        }
        const onTime = catalogue
          .versions()
          .flatMap(([id, versions]) =>
            versions.flatMap(({ late, source }) => (late ? [] : `${source} ${id.slice(1)}`)),
          );
        expect(new Set(onTime)).toEqual(expected);
      }),
    );
  });

  it('lets the same labels through whichever of the two topics is read first', () => {
    fc.assert(
      fc.property(stream, fc.boolean(), (events, labelsFirst) => {
        const { labels, features } = SIMULATED_TOPICS;
        const catalogue = new MaterialCatalogue({ vectors: true, partitions: 8 });
        const former = createExampleFormer(SIMULATED_TOPICS, catalogue);
        const formed = new Set<string>();
        const refused = new Set<string>();
        const take = (topic: string, event: Parameters<typeof former.take>[0]['event'], offset: number) => {
          for (const { event: made } of former.take({
            event,
            topic,
            key: '',
            partition: 0,
            offset,
            id: '',
            time: '',
          })) {
            if (made.type === 'ExampleFormed') formed.add(`${made.source} ${made.label.materialId.slice(1)}`);
            if (made.type === 'InputRejected') refused.add(made.id);
          }
        };
        const passes = labelsFirst ? [labels.name, features.name] : [features.name, labels.name];
        for (const topic of passes) {
          for (const [offset, { source, what }] of events.entries()) {
            const made = featurized({ id: `m${what}` }, source);
            const { label } = exampleOf(made, { g_vrh: 10 });
            if (what === 'end') take(topic, watermark(source), offset);
            else take(topic, topic === labels.name ? { type: 'LabelIngested', source, label } : made, offset);
          }
        }
        const ended = new Set<string>();
        const [expected, late] = [new Set<string>(), new Set<string>()];
        for (const { source, what } of events) {
          const name = `${source} ${what}`;
          if (what === 'end') ended.add(source);
          else if (!ended.has(source)) expected.add(name);
          else if (!expected.has(name)) late.add(name);
        }
        expect(formed).toEqual(expected);
        // A material and its label each.
        expect(refused.size).toBe(2 * late.size);
      }),
    );
  });
});
