import type { MaterialCatalogue, MaterialVersion } from '../../src/learning/material-catalogue.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { ExampleFormed, LabelIngested, SourcePartitionCompleted } from '../../src/model/events.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { Publication } from '../../src/runtime/publisher.ts';
import type { Received } from '../../src/runtime/decode-records.ts';

/**
 * Joins the labels and the features of the partitions that this shard owns, whichever comes first, into examples, and
 * passes a source's watermark on when it has come in both topics.
 */
export interface ExampleFormer {
  /** What follows from an event, to be published before its offset is committed. */
  take(received: Received): Publication[];
  drop(partition: number): void;
}

export function createExampleFormer(topics: Topics, catalogue: MaterialCatalogue): ExampleFormer {
  /** By the hash of the material version that a label belongs to and that has no features yet. */
  const waiting = new Map<ContentHash, { partition: number; labels: LabelIngested[] }>();
  /** Watermarks met in one of the two topics only, by topic, partition and source. */
  const halves = new Set<string>();

  function takeLabel(event: LabelIngested, partition: number): Publication[] {
    const { materialId, materialHash } = event.label;
    const version = catalogue.version(materialId, materialHash);
    if (version) return [{ event: exampleOf(event, version) }];
    const entry = waiting.get(materialHash) ?? { partition, labels: [] };
    entry.labels.push(event);
    waiting.set(materialHash, entry);
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
          const labels = waiting.get(materialHash)?.labels ?? [];
          waiting.delete(materialHash);
          const version = catalogue.version(materialId, materialHash)!;
          return labels.map((label) => ({ event: exampleOf(label, version) }));
        }
        case 'SourcePartitionCompleted':
          return takeWatermark(event, topic);
        default:
          return [];
      }
    },
    drop(partition) {
      catalogue.dropVersions(partition);
      for (const [hash, entry] of waiting) if (entry.partition === partition) waiting.delete(hash);
      for (const half of halves) if (half.split(' ')[1] === String(partition)) halves.delete(half);
    },
  };
}

function exampleOf({ source, label: { tensor: _, ...label } }: LabelIngested, version: MaterialVersion): ExampleFormed {
  const { facts, featuresHash, vector } = version;
  return { type: 'ExampleFormed', source, label, facts, featuresHash, vector };
}
