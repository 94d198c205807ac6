import type { Topics } from '../../src/model/topics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { sharedRun } from '../../src/runtime/shared-run.ts';
import { createSourceContents, type SourceContent } from './source-content.ts';

/**
 * The completed sources that this process knows: those that were complete when it last read the log, and those that it
 * completed itself. It does not see a source that another gateway has completed since. What still arrives for such a
 * source is refused later, by the readers of the log.
 */
export interface ClosedSources {
  /** Notes a source. Call it when the source's watermarks are in the log. */
  note(source: string): void;
  isNoted(source: string): boolean;
  /** Notes the sources that are complete in the log by now. It reads the rest of one partition. */
  readOn(): Promise<void>;
  /** Returns the content of a noted source. */
  content(source: string): Promise<SourceContent>;
}

/** A source's watermarks are in every partition, so one partition is enough. */
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
