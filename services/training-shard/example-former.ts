import { campaignLabelSet } from '../../src/learning/data/campaign-data.ts';
import { lateLabel, lateMaterial } from '../../src/learning/data/late-data.ts';
import type { MaterialCatalogue, MaterialVersion } from '../../src/learning/data/material-catalogue.ts';
import { SourceEnds } from '../../src/learning/data/source-ends.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { ExampleFormed, LabelIngested, SourcePartitionCompleted } from '../../src/model/events.ts';
import { featureSchemaOf, type Topic, type Topics } from '../../src/model/topics.ts';
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
  /** What the features of this partition have brought so far is in the log. */
  published(partition: number): void;
  drop(partition: number): void;
  /** How many labels wait for features, and how many are remembered as having come before the end of their source. */
  remembered(): { readonly early: number; readonly onTime: number };
}

/** 52 bits of a hash: of a million labels two are the same in one log of nine thousand. */
type LabelMark = number;

function markOf({ id }: LabelIngested['label']): LabelMark {
  return Number.parseInt(id.slice(3, 16), 16);
}

/** What a campaign reveals never completes. */
function mayComplete(source: string): boolean {
  return !source.startsWith(campaignLabelSet(''));
}

export function createExampleFormer(topics: Topics, catalogue: MaterialCatalogue): ExampleFormer {
  /**
   * By the hash of the material version that came after them. They stay when it has come, until what follows from the
   * features is published: before, these may be handled again.
   */
  const early = new Map<ContentHash, { partition: number; labels: Map<string, LabelIngested> }>();
  /** By partition, the versions that have come. */
  const joined = new Map<number, ContentHash[]>();
  const ends = new SourceEnds();
  const featureSchema = featureSchemaOf(topics.features.name);
  /** By partition and source, which labels came before its end, or again after it. */
  const onTime = new Map<number, Map<string, Set<LabelMark>>>();

  function isLate(event: LabelIngested, partition: number): boolean {
    const { source, label } = event;
    if (!mayComplete(source)) return false;
    const bySource = onTime.get(partition) ?? new Map<string, Set<LabelMark>>();
    onTime.set(partition, bySource);
    const known = bySource.get(source) ?? new Set();
    if (!known.has(markOf(label)) && ends.has(topics.labels.name, source, partition)) return true;
    bySource.set(source, known.add(markOf(label)));
    return false;
  }

  function takeLabel(event: LabelIngested, partition: number): Publication[] {
    const { materialId, materialHash } = event.label;
    if (isLate(event, partition)) return [{ event: lateLabel(event) }];
    const version = catalogue.version(materialId, materialHash);
    if (version) return [{ event: exampleOf(event, version, featureSchema) }];
    const entry = early.get(materialHash) ?? { partition, labels: new Map() };
    entry.labels.set(`${event.label.id} ${event.source}`, event);
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
          if (early.has(materialHash)) joined.set(partition, [...(joined.get(partition) ?? []), materialHash]);
          const version = catalogue.version(materialId, materialHash)!;
          return Array.from(labels, (label) => ({ event: exampleOf(label, version, featureSchema) }));
        }
        case 'SourcePartitionCompleted':
          return takeWatermark(event, topic);
        default:
          return [];
      }
    },
    published(partition) {
      for (const hash of joined.get(partition) ?? []) early.delete(hash);
      joined.delete(partition);
    },
    remembered() {
      const marks = [...onTime.values()].flatMap((bySource) => [...bySource.values()]);
      return { early: early.size, onTime: marks.reduce((sum, { size }) => sum + size, 0) };
    },
    drop(partition) {
      joined.delete(partition);
      catalogue.dropVersions(partition);
      for (const [hash, entry] of early) if (entry.partition === partition) early.delete(hash);
      onTime.delete(partition);
      for (const { name } of [topics.labels, topics.features]) ends.drop(name, partition);
    },
  };
}

function exampleOf(
  { source, label: { tensor: _, ...label } }: LabelIngested,
  { facts, featuresHash, vector, fidelities }: MaterialVersion,
  featureSchema: string | undefined,
): ExampleFormed {
  return {
    ...{ type: 'ExampleFormed', source, label, facts, featuresHash, vector },
    ...(featureSchema !== undefined && { featureSchema }),
    ...(fidelities !== undefined && { fidelities }),
  };
}
