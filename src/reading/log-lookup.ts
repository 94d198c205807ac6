import type { ContentHash } from '../model/content-hash.ts';
import type { EventRecord } from '../model/event-record.ts';
import type {
  CalculationAttemptFailed,
  MaterialIngested,
  ResultReceived,
  SourcePartitionCompleted,
} from '../model/events.ts';
import type { Label } from '../model/label.ts';
import type { Material } from '../model/material.ts';
import type { MaterialId } from '../model/material-id.ts';
import { keyPartition } from '../model/partitioner.ts';
import type { Topic, Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import type { DomainEvent } from '../protocol/domain-event.ts';
import { decodeRecords, type Received } from '../runtime/decode-records.ts';
import { readingOn } from './read-to-end.ts';

/** What the log holds of one material. */
export interface LogLookup {
  /** Those that came before the end of their source. */
  labelsOf(id: MaterialId): Promise<readonly Label[]>;
  materialVersion(id: MaterialId, hash: ContentHash): Promise<Material | undefined>;
  materialsOf(id: MaterialId): Promise<readonly MaterialIngested[]>;
  resultsOf(id: MaterialId): Promise<readonly ResultReceived[]>;
  failuresOf(id: MaterialId): Promise<readonly CalculationAttemptFailed[]>;
}

export function createLogLookup(log: EventLogReader, topics: Topics): LogLookup {
  const labels = createKeyIndex(log, topics.labels, '.LabelIngested');
  const materials = createKeyIndex(log, topics.materials, '.MaterialIngested');
  const results = createKeyIndex(log, topics.results, '.ResultReceived');
  const failures = createKeyIndex(log, topics.calculations, '.CalculationAttemptFailed');
  return {
    async labelsOf(id) {
      const found: Label[] = [];
      for await (const { event, partition, offset } of labels.of(id)) {
        if (event.type !== 'LabelIngested') continue;
        const end = labels.endOf(event.source, partition);
        if (end === undefined || offset < end) found.push(event.label);
      }
      return found;
    },
    async materialVersion(id, hash) {
      for await (const { event } of materials.of(id)) {
        if (event.type === 'MaterialIngested' && event.materialHash === hash) return event.material;
      }
      return undefined;
    },
    materialsOf: (id) => eventsOf(materials, id, 'MaterialIngested'),
    resultsOf: (id) => eventsOf(results, id, 'ResultReceived'),
    failuresOf: (id) => eventsOf(failures, id, 'CalculationAttemptFailed'),
  };
}

type OfType<T extends DomainEvent['type']> = Extract<DomainEvent, { readonly type: T }>;

async function eventsOf<T extends DomainEvent['type']>(
  index: Pick<ReturnType<typeof createKeyIndex>, 'of'>,
  id: MaterialId,
  type: T,
): Promise<OfType<T>[]> {
  const found: OfType<T>[] = [];
  for await (const { event } of index.of(id)) if (event.type === type) found.push(event as OfType<T>);
  return found;
}

/** Where in a partition the events of each key stand, as far as it has been read. */
interface IndexedPartition {
  next: number;
  readonly offsets: Map<string, number[]>;
  /** By source, where its first watermark stands: what comes later is late. */
  readonly ends: Map<string, number>;
  /** The look-up that reads on: those that come meanwhile wait, and find it done. */
  reading: Promise<void>;
}

function newIndex(): IndexedPartition {
  return { next: 0, offsets: new Map(), ends: new Map(), reading: Promise.resolve() };
}

/** Each event is read once, by the first look-up into its partition, and then only by those for its own key. */
function createKeyIndex(log: EventLogReader, { name: topic, partitions }: Topic, wanted: string) {
  const indexed = new Map<number, IndexedPartition>();
  const decoder = new TextDecoder();

  async function readOn(partition: number, index: IndexedPartition): Promise<void> {
    const to = (await log.endOffsets(topic))[partition]!;
    if (to <= index.next) return;
    for await (const batch of log.read([{ topic, partition, from: index.next, to }])) {
      for (const record of batch.records) if (record.offset >= index.next) note(record, index);
      const watermarks = batch.records.filter((record) => isWatermark(record.type));
      for (const { event, offset } of decodeRecords({ ...batch, records: watermarks }).received) {
        if (event.type !== 'SourcePartitionCompleted' || event.partition !== partition) continue;
        if (!index.ends.has(event.source)) index.ends.set(event.source, offset);
      }
      index.next = batch.next;
    }
  }

  function note({ type, key: bytes, offset }: EventRecord, { offsets }: IndexedPartition): void {
    if (!type.endsWith(wanted)) return;
    const key = decoder.decode(bytes);
    const known = offsets.get(key);
    if (known) known.push(offset);
    else offsets.set(key, [offset]);
  }

  return {
    endOf: (source: string, partition: number) => indexed.get(partition)?.ends.get(source),
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

function isWatermark(type: string): boolean {
  return type.endsWith('.SourcePartitionCompleted');
}

/**
 * The sources that have been brought into the log whole: each call reads no more than what has come since, and asking
 * costs no more than once.
 */
export function createIngestedSources(
  log: EventLogReader,
  { materials, labels }: Topics,
): () => Promise<ReadonlySet<string>> {
  const whole = new Set<string>();
  /** By source, the places where it has ended, as long as they are not all. */
  const ends = new Map<string, Set<string>>();

  function note({ source, partition }: SourcePartitionCompleted, topic: string): void {
    if (whole.has(source)) return;
    const places = (ends.get(source) ?? new Set()).add(`${partition} ${topic}`);
    ends.set(source, places);
    if (places.size < materials.partitions + labels.partitions) return;
    whole.add(source);
    ends.delete(source);
  }

  const readOn = readingOn(log, {
    topics: [materials, labels],
    // A log may hold millions of structures.
    types: ['SourcePartitionCompleted'],
    take: ({ event, topic }) => void (event.type === 'SourcePartitionCompleted' && note(event, topic)),
  });

  return async () => {
    await readOn();
    return new Set(whole);
  };
}
