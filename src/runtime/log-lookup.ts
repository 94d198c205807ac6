import { SourceEnds } from '../learning/source-ends.ts';
import type { ContentHash } from '../model/content-hash.ts';
import type { Label } from '../model/label.ts';
import type { Material } from '../model/material.ts';
import type { MaterialId } from '../model/material-id.ts';
import { keyPartition } from '../model/partitioner.ts';
import type { Topic, Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { decodeRecords, type Received } from './decode-records.ts';

/** What the log holds of one material: a look through one of its partitions. */
export interface LogLookup {
  /** Those that came before the end of their source. */
  labelsOf(id: MaterialId): Promise<readonly Label[]>;
  materialVersion(id: MaterialId, hash: ContentHash): Promise<Material | undefined>;
}

export function createLogLookup(log: EventLogReader, topics: Topics): LogLookup {
  /** Watermarks too, which close sources. */
  async function* ofKey({ name, partitions }: Topic, id: MaterialId): AsyncGenerator<Received> {
    const partition = keyPartition(new TextEncoder().encode(id), partitions);
    const to = (await log.endOffsets(name))[partition]!;
    if (to === 0) return;
    for await (const batch of log.read([{ topic: name, partition, from: 0, to }])) {
      const records = batch.records.filter(
        ({ key, type }) => isWatermark(type) || new TextDecoder().decode(key) === id,
      );
      yield* decodeRecords({ ...batch, records }).received;
    }
  }
  return {
    async labelsOf(id) {
      const labels: Label[] = [];
      const { name } = topics.labels;
      const ends = new SourceEnds();
      for await (const { event, partition } of ofKey(topics.labels, id)) {
        if (event.type === 'SourcePartitionCompleted') ends.add(name, event);
        else if (event.type === 'LabelIngested' && !ends.has(name, event.source, partition)) labels.push(event.label);
      }
      return labels;
    },
    async materialVersion(id, hash) {
      for await (const { event } of ofKey(topics.materials, id)) {
        if (event.type === 'MaterialIngested' && event.materialHash === hash) return event.material;
      }
      return undefined;
    },
  };
}

function isWatermark(type: string): boolean {
  return type.endsWith('.SourcePartitionCompleted');
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
      const records = batch.records.filter(({ type }) => isWatermark(type));
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
