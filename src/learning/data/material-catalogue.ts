import { GEOMETRY_OFFSET, STRUCTURE_OFFSET } from '../../featurizers/feature-schema.ts';
import type { ContentHash } from '../../model/content-hash.ts';
import type { ExampleFormed, SourcePartitionCompleted, StructureFeaturized } from '../../model/events.ts';
import { compareIds } from '../../model/id-order.ts';
import type { FidelityValues, Label } from '../../model/label.ts';
import type { MaterialFacts } from '../../model/material-facts.ts';
import type { MaterialId } from '../../model/material-id.ts';
import { nameIds } from '../campaign/round-snapshot.ts';
import { SourceEnds } from './source-ends.ts';

/** The place of an event in its topic, which tells whether a snapshot's offsets include it. */
export interface EventPlace {
  readonly partition: number;
  readonly offset: number;
}

/** A featurized version of a material. */
export interface MaterialVersion extends EventPlace {
  readonly source: string;
  readonly facts: MaterialFacts;
  readonly featuresHash: ContentHash;
  /** Float64Array[281 or 358], as the log's feature schema says; empty if the catalogue keeps no vectors. */
  readonly vector: Float64Array;
  /** Values of the material by other methods. */
  readonly fidelities?: readonly FidelityValues[];
  /** Whether all its structure features are known. */
  readonly hasStructureFeatures: boolean;
  /** Present if it came after its source had ended: needed for logs in which rounds were opened with such data. */
  readonly late?: true;
}

/** A label with its features. */
export interface Example extends MaterialVersion {
  readonly label: Label;
}

/** A source whose end has been seen in every partition. */
export interface CompletedSource {
  readonly count: number;
  readonly hash: ContentHash;
}

export interface CatalogueOptions {
  /** Whether to keep feature vectors, 2 KB each; services that only decide do not need them. */
  readonly vectors: boolean;
  /** The number of partitions of the topics that are keyed by material. */
  readonly partitions: number;
}

/** The topics whose events and watermarks a catalogue takes. */
export type CatalogueTopic = 'features' | 'examples';

const NO_VECTOR = new Float64Array(0);

/**
 * The content of the topics `features` and `examples`, as far as they have been read. The first event for a version or
 * a label counts, so a second delivery changes nothing. Nothing is ever removed, so the content up to some offsets can
 * be reproduced at any time.
 */
export class MaterialCatalogue {
  private readonly versionsById = new Map<MaterialId, MaterialVersion[]>();
  private readonly examplesById = new Map<MaterialId, Example[]>();
  private sortedVersions: readonly (readonly [MaterialId, readonly MaterialVersion[]])[] | undefined;
  private sortedExamples: readonly (readonly [MaterialId, readonly Example[]])[] | undefined;
  private readonly ends = new SourceEnds();
  private lateCount = 0;
  private readonly options: CatalogueOptions;

  constructor(options: CatalogueOptions) {
    this.options = options;
  }

  /** @returns the known version, which may be an earlier one */
  addVersion(event: StructureFeaturized, { partition, offset }: EventPlace): MaterialVersion {
    const { source, facts, featuresHash, vector, fidelities } = event;
    if (!this.versionsById.has(facts.materialId)) this.sortedVersions = undefined;
    const versions = listAt(this.versionsById, facts.materialId);
    const isSame = (other: MaterialVersion) => other.facts.materialHash === facts.materialHash;
    const known = versions.find((other) => isSame(other) && other.source === source);
    if (known) return known;
    const late = this.lateness('features', source, partition);
    const beside = fidelities && { fidelities };
    const version = { source, facts, featuresHash, partition, offset, ...beside, ...this.kept(vector), ...late };
    versions.push(version);
    return version;
  }

  /** Forgets the versions of a partition that another node now holds. */
  dropVersions(partition: number): void {
    this.sortedVersions = undefined;
    this.ends.drop('features', partition);
    for (const [id, versions] of this.versionsById) {
      if (versions[0]!.partition === partition) this.versionsById.delete(id);
    }
  }

  version(id: MaterialId, hash: ContentHash): MaterialVersion | undefined {
    return this.versionsById.get(id)?.find(({ facts }) => facts.materialHash === hash);
  }

  addExample(event: ExampleFormed, { partition, offset }: EventPlace): void {
    const { source, label, facts, featuresHash, vector, fidelities } = event;
    if (!this.examplesById.has(label.materialId)) this.sortedExamples = undefined;
    const examples = listAt(this.examplesById, label.materialId);
    const known = this.version(label.materialId, facts.materialHash)?.vector;
    // Two sources may contain the same label; then both have it.
    const isSame = (other: Example) => other.label.id === label.id && other.source === source;
    if (examples.some((other) => isSame(other) && other.featuresHash === featuresHash)) return;
    // Reuse the vector of the version if it is here too, so that it is in memory only once.
    const kept = this.kept(vector.length === known?.length ? known : vector);
    const late = this.lateness('examples', source, partition);
    const beside = fidelities && { fidelities };
    examples.push({ source, label, facts, featuresHash, partition, offset, ...beside, ...kept, ...late });
  }

  addWatermark(topic: CatalogueTopic, watermark: SourcePartitionCompleted): void {
    this.ends.add(topic, watermark);
  }

  /** Whether any data came after their source had ended. */
  get hasLate(): boolean {
    return this.lateCount > 0;
  }

  /** Undefined until the source has ended in every partition of each of these topics. */
  completedSource(source: string, topics: readonly CatalogueTopic[]): CompletedSource | undefined {
    const seen = topics.map((topic) => this.ends.of(topic, source));
    if (seen.some((byPartition) => byPartition?.size !== this.options.partitions)) return undefined;
    const watermarks = [...seen[0]!.values()].sort((a, b) => a.partition - b.partition);
    const count = watermarks.reduce((sum, watermark) => sum + watermark.count, 0);
    return { count, hash: nameIds(watermarks.map(({ partition, hash }) => `${partition} ${hash}`)).hash };
  }

  /** Each featurized material with its versions, ids ascending: the order is always the same. */
  versions(): readonly (readonly [MaterialId, readonly MaterialVersion[]])[] {
    this.sortedVersions ??= sortedEntries(this.versionsById);
    return this.sortedVersions;
  }

  /** Each labelled material with its examples, ids ascending. */
  examples(): readonly (readonly [MaterialId, readonly Example[]])[] {
    this.sortedExamples ??= sortedEntries(this.examplesById);
    return this.sortedExamples;
  }

  private lateness(topic: CatalogueTopic, source: string, partition: number): Pick<MaterialVersion, 'late'> {
    if (!this.ends.has(topic, source, partition)) return {};
    this.lateCount++;
    return { late: true };
  }

  private kept(vector: Float64Array): Pick<MaterialVersion, 'vector' | 'hasStructureFeatures'> {
    const hasStructureFeatures = !vector.subarray(STRUCTURE_OFFSET, GEOMETRY_OFFSET).some(Number.isNaN);
    return { vector: this.options.vectors ? vector : NO_VECTOR, hasStructureFeatures };
  }
}

function sortedEntries<V>(map: ReadonlyMap<MaterialId, V>): (readonly [MaterialId, V])[] {
  return [...map].sort(([a], [b]) => compareIds(a, b));
}

function listAt<K, V>(map: Map<K, V[]>, key: K): V[] {
  const list = map.get(key);
  if (list !== undefined) return list;
  const created: V[] = [];
  map.set(key, created);
  return created;
}
