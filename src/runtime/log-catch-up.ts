import type { Topic } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { decodeRecords, type Received } from './decode-records.ts';
import { sharedRun } from './shared-run.ts';

/**
 * A reader that looks when it is asked to: each call takes what has been appended since the last one; calls that come
 * together look together. What cannot be understood is passed over.
 * @param take of events that were taken before, where a call broke off, it is called once only
 */
export function createLogCatchUp(
  log: Pick<EventLogReader, 'topics' | 'endOffsets' | 'read'>,
  topics: readonly Topic[],
  take: (received: Received) => void,
): () => Promise<void> {
  const positions = new Map(topics.map(({ name, partitions }) => [name, new Array<number>(partitions).fill(0)]));

  return sharedRun(async () => {
    // A log that is only just being laid out has no topics yet.
    const declared = new Set((await log.topics()).map(({ name }) => name));
    for (const { name } of topics.filter((topic) => declared.has(topic.name))) {
      const at = positions.get(name)!;
      const ends = await log.endOffsets(name);
      const ranges = ends.map((to, partition) => ({ topic: name, partition, from: at[partition]!, to }));
      for await (const batch of log.read(ranges.filter(({ from, to }) => from < to))) {
        for (const received of decodeRecords(batch).received) take(received);
        at[batch.partition] = batch.next;
      }
    }
  });
}
