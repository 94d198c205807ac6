import type { MaterialCatalogue, MaterialVersion } from '../../src/learning/material-catalogue.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { ExampleFormed, LabelIngested, SourcePartitionCompleted } from '../../src/model/events.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { Received } from '../../src/runtime/decode-records.ts';
import type { Publication } from '../../src/runtime/publisher.ts';

/**
 * Joins the labels and the features of the partitions that this shard owns, whichever comes first, into examples, and
 * passes a source's watermark on when it has come in both topics.
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
  /** Watermarks met in one of the two topics only, by topic, partition and source. */
  const halves = new Set<string>();

  function takeLabel(event: LabelIngested, partition: number): Publication[] {
    const { materialId, materialHash } = event.label;
    const version = catalogue.version(materialId, materialHash);
    if (version) return [{ event: exampleOf(event, version) }];
    const entry = early.get(materialHash) ?? { partition, labels: new Map() };
    entry.labels.set(`${event.label.id} ${event.source}`, event);
    early.set(materialHash, entry);
    return [];
  }

  function takeWatermark(event: SourcePartitionCompleted, topic: string): Publication[] {
    const half = (name: string) => `${name} ${event.partition} ${event.source}`;
    halves.add(half(topic));
    const complete = halves.has(half(topics.labels.name)) && halves.has(half(topics.features.name));
    return complete ? [{ event, topic: topics.examples }] : [];
  }

  return {
    take({ event, partition, offset, topic }) {
      switch (event.type) {
        case 'LabelIngested':
          return takeLabel(event, partition);
        case 'StructureFeaturized': {
          catalogue.addVersion(event, { partition, offset });
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
      for (const half of halves) if (half.split(' ')[1] === String(partition)) halves.delete(half);
    },
  };
}

function exampleOf({ source, label: { tensor: _, ...label } }: LabelIngested, version: MaterialVersion): ExampleFormed {
  const { facts, featuresHash, vector } = version;
  return { type: 'ExampleFormed', source, label, facts, featuresHash, vector };
}
