import { SourceEnds } from '../../src/learning/source-ends.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { nameInId } from '../../src/protocol/event-routes.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';

/** Ids of the events that a source brought before its completion: what is among them may come again. */
export type SourceContent = ReadonlySet<string>;

/**
 * The completed sources, as far as this process knows: those that were complete when somebody first asked, and those
 * completed here. One that another gateway completes meanwhile is not seen; what comes too late then, the readers of the
 * log refuse.
 */
export interface ClosedSources {
  /** To be told when a source's watermarks are in the log. */
  note(source: string): void;
  isNoted(source: string): boolean;
  /** Undefined where it is open. Reads one partition on to its end, and all of them where the source is complete. */
  content(source: string): Promise<SourceContent | undefined>;
}

/** Watermarks stand in every partition: one tells. */
const TELLING_PARTITION = 0;

export function createClosedSources(log: EventLogReader, { materials, labels }: Topics): ClosedSources {
  const closed = new Set<string>();
  let readTo = 0;
  let reading: Promise<void> = Promise.resolve();

  async function readOn(): Promise<void> {
    const to = (await log.endOffsets(materials.name))[TELLING_PARTITION]!;
    if (to <= readTo) return;
    const range = { topic: materials.name, partition: TELLING_PARTITION, from: readTo, to };
    for await (const batch of log.read([range])) {
      const records = batch.records.filter(({ type }) => type.endsWith('.SourcePartitionCompleted'));
      for (const { event } of decodeRecords({ ...batch, records }).received) {
        if (event.type === 'SourcePartitionCompleted') closed.add(event.source);
      }
      readTo = batch.next;
    }
  }

  async function contentOf(source: string): Promise<SourceContent> {
    const content = new Set<string>();
    const ends = new SourceEnds();
    const ending = `/${nameInId(source)}`;
    for (const { name } of [materials, labels]) {
      const to = await log.endOffsets(name);
      const ranges = to.map((end, partition) => ({ topic: name, partition, from: 0, to: end }));
      for await (const batch of log.read(ranges.filter((range) => range.to > 0))) {
        for (const record of batch.records.filter(({ id }) => id.endsWith(ending))) {
          if (!record.type.endsWith('.SourcePartitionCompleted')) {
            if (!ends.has(name, source, batch.partition)) content.add(record.id);
            continue;
          }
          const [received] = decodeRecords({ ...batch, records: [record] }).received;
          if (received?.event.type === 'SourcePartitionCompleted') ends.add(name, received.event);
        }
      }
    }
    return content;
  }

  return {
    note: (source) => void closed.add(source),
    isNoted: (source) => closed.has(source),
    async content(source) {
      reading = reading.catch(() => {}).then(readOn);
      await reading;
      return closed.has(source) ? contentOf(source) : undefined;
    },
  };
}
