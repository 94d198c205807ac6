import { lateLabel, lateMaterial } from '../../src/learning/late-data.ts';
import type { MaterialCatalogue, MaterialVersion } from '../../src/learning/material-catalogue.ts';
import { SourceEnds } from '../../src/learning/source-ends.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { ExampleFormed, LabelIngested, SourcePartitionCompleted } from '../../src/model/events.ts';
import type { Topic, Topics } from '../../src/model/topics.ts';
import type { Received } from '../../src/runtime/decode-records.ts';
import type { Publication } from '../../src/runtime/publisher.ts';

/**
 * Joins the labels and the features of the partitions that this shard owns, whichever comes first, into examples, and
 * passes a source's watermark on when it has come in both topics. What comes later under the source's name becomes a
 * rejection, unless it is known.
 */
export interface ExampleFormer {
  /** What follows from an event, to be published before its offset is committed; the same again when it comes again. */
  take(received: Received): Publication[];
  drop(partition: number): void;
}

export function createExampleFormer(topics: Topics, catalogue: MaterialCatalogue): ExampleFormer {
  /**
   * By the hash of the material version that came after them. They stay when it has come: what follows from the features
   * may not have been published when these are handled again.
   */
  const early = new Map<ContentHash, { partition: number; labels: Map<string, LabelIngested> }>();
  const ends = new SourceEnds();
  /** By partition, which labels came before the end of their source, or again after it. */
  const onTime = new Map<number, Set<string>>();

  function takeLabel(event: LabelIngested, partition: number): Publication[] {
    const { materialId, materialHash } = event.label;
    const known = onTime.get(partition) ?? new Set();
    const name = `${event.label.id} ${event.source}`;
    if (!known.has(name) && ends.has(topics.labels.name, event.source, partition)) return [{ event: lateLabel(event) }];
    onTime.set(partition, known.add(name));
    const version = catalogue.version(materialId, materialHash);
    if (version) return [{ event: exampleOf(event, version) }];
    const entry = early.get(materialHash) ?? { partition, labels: new Map() };
    entry.labels.set(name, event);
    early.set(materialHash, entry);
    return [];
  }

  function takeWatermark(event: SourcePartitionCompleted, topic: string): Publication[] {
    ends.add(topic, event);
    if (topic === topics.features.name) catalogue.addWatermark('features', event);
    const has = ({ name }: Topic) => ends.has(name, event.source, event.partition);
    return has(topics.labels) && has(topics.features) ? [{ event, topic: topics.examples }] : [];
  }

  return {
    take({ event, partition, offset, topic }) {
      switch (event.type) {
        case 'LabelIngested':
          return takeLabel(event, partition);
        case 'StructureFeaturized': {
          if (catalogue.addVersion(event, { partition, offset }).late) return [{ event: lateMaterial(event) }];
          const { materialId, materialHash } = event.facts;
          const labels = early.get(materialHash)?.labels.values() ?? [];
          const version = catalogue.version(materialId, materialHash)!;
          return Array.from(labels, (label) => ({ event: exampleOf(label, version) }));
        }
        case 'SourcePartitionCompleted':
          return takeWatermark(event, topic);
        default:
          return [];
      }
    },
    drop(partition) {
      catalogue.dropVersions(partition);
      for (const [hash, entry] of early) if (entry.partition === partition) early.delete(hash);
      onTime.delete(partition);
      for (const { name } of [topics.labels, topics.features]) ends.drop(name, partition);
    },
  };
}

function exampleOf({ source, label: { tensor: _, ...label } }: LabelIngested, version: MaterialVersion): ExampleFormed {
  const { facts, featuresHash, vector } = version;
  return { type: 'ExampleFormed', source, label, facts, featuresHash, vector };
}
