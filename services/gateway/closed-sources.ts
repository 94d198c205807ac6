import type { Topics } from '../../src/model/topics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { sharedRun } from '../../src/runtime/shared-run.ts';
import { createSourceContents, type SourceContent } from './source-content.ts';

/**
 * The completed sources, as far as this process knows: those that were complete when somebody first asked, and those
 * completed here. One that another gateway completes meanwhile is not seen; what comes too late then, the readers of the
 * log refuse.
 */
export interface ClosedSources {
  /** To be told when a source's watermarks are in the log. */
  note(source: string): void;
  isNoted(source: string): boolean;
  /** Notes those that are complete in the log by now. Reads one partition on to its end. */
  readOn(): Promise<void>;
  /** Of one that is noted. */
  content(source: string): Promise<SourceContent>;
}

/** Watermarks stand in every partition: one tells. */
const TELLING_PARTITION = 0;

export function createClosedSources(log: EventLogReader, topics: Topics): ClosedSources {
  const { name: topic } = topics.materials;
  const contents = createSourceContents(log, topics);
  const closed = new Set<string>();
  let readTo = 0;

  const readOn = sharedRun(async () => {
    const to = (await log.endOffsets(topic))[TELLING_PARTITION]!;
    if (to <= readTo) return;
    for await (const batch of log.read([{ topic, partition: TELLING_PARTITION, from: readTo, to }])) {
      const records = batch.records.filter(({ type }) => type.endsWith('.SourcePartitionCompleted'));
      for (const { event } of decodeRecords({ ...batch, records }).received) {
        if (event.type === 'SourcePartitionCompleted') closed.add(event.source);
      }
      readTo = batch.next;
    }
  });

  return {
    note: (source) => void closed.add(source),
    isNoted: (source) => closed.has(source),
    readOn,
    content: (source) => contents.of(source),
  };
}
