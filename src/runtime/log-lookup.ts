import type { ContentHash } from '../model/content-hash.ts';
import type { Label } from '../model/label.ts';
import type { Material } from '../model/material.ts';
import type { MaterialId } from '../model/material-id.ts';
import { keyPartition } from '../model/partitioner.ts';
import type { Topic, Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { decodeRecords, type Received } from './decode-records.ts';

/** What the log holds of one material. */
export interface LogLookup {
  labelsOf(id: MaterialId): Promise<readonly Label[]>;
  materialVersion(id: MaterialId, hash: ContentHash): Promise<Material | undefined>;
}

export function createLogLookup(log: EventLogReader, topics: Topics): LogLookup {
  const labels = createKeyIndex(log, topics.labels, '.LabelIngested');
  const materials = createKeyIndex(log, topics.materials, '.MaterialIngested');
  return {
    async labelsOf(id) {
      const found: Label[] = [];
      for await (const { event } of labels.of(id)) if (event.type === 'LabelIngested') found.push(event.label);
      return found;
    },
    async materialVersion(id, hash) {
      for await (const { event } of materials.of(id)) {
        if (event.type === 'MaterialIngested' && event.materialHash === hash) return event.material;
      }
      return undefined;
    },
  };
}

/** Where in a partition the events of each key stand, as far as it has been read. */
interface IndexedPartition {
  next: number;
  readonly offsets: Map<string, number[]>;
  /** The look-up that reads on: those that come meanwhile wait, and find it done. */
  reading: Promise<void>;
}

function newIndex(): IndexedPartition {
  return { next: 0, offsets: new Map(), reading: Promise.resolve() };
}

/** Each event is read once, by the first look-up into its partition, and then only by those for its own key. */
function createKeyIndex(log: EventLogReader, { name: topic, partitions }: Topic, type: string) {
  const indexed = new Map<number, IndexedPartition>();
  const decoder = new TextDecoder();

  async function readOn(partition: number, index: IndexedPartition): Promise<void> {
    const to = (await log.endOffsets(topic))[partition]!;
    if (to <= index.next) return;
    for await (const { records, next } of log.read([{ topic, partition, from: index.next, to }])) {
      for (const record of records) {
        if (record.offset < index.next || !record.type.endsWith(type)) continue;
        const key = decoder.decode(record.key);
        const known = index.offsets.get(key);
        if (known) known.push(record.offset);
        else index.offsets.set(key, [record.offset]);
      }
      index.next = next;
    }
  }

  return {
    /** In their order. */
    async *of(id: MaterialId): AsyncGenerator<Received> {
      const partition = keyPartition(new TextEncoder().encode(id), partitions);
      const index = indexed.get(partition) ?? newIndex();
      indexed.set(partition, index);
      index.reading = index.reading.catch(() => {}).then(() => readOn(partition, index));
      await index.reading;
      const ranges = (index.offsets.get(id) ?? []).map((from) => ({ topic, partition, from, to: from + 1 }));
      for await (const batch of log.read(ranges)) yield* decodeRecords(batch).received;
    },
  };
}

/** The sources that have been brought into the log whole. */
export async function ingestedSources(log: EventLogReader, { materials, labels }: Topics): Promise<Set<string>> {
  const seen = new Map<string, number>();
  for (const { name } of [materials, labels]) {
    const ends = await log.endOffsets(name);
    const ranges = ends.map((to, partition) => ({ topic: name, partition, from: 0, to })).filter(({ to }) => to > 0);
    const places = new Set<string>();
    for await (const batch of log.read(ranges)) {
      // Only watermarks are decoded: a log may hold millions of structures.
      const records = batch.records.filter(({ type }) => type.endsWith('.SourcePartitionCompleted'));
      for (const { event } of decodeRecords({ ...batch, records }).received) {
        if (event.type === 'SourcePartitionCompleted') places.add(`${event.partition} ${event.source}`);
      }
    }
    for (const place of places) {
      const source = place.slice(place.indexOf(' ') + 1);
      seen.set(source, (seen.get(source) ?? 0) + 1);
    }
  }
  const all = materials.partitions + labels.partitions;
  return new Set([...seen].filter(([, count]) => count === all).map(([source]) => source));
}
