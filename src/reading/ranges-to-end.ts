import type { EventLogReader, OffsetRange } from '../ports/event-log.ts';

/**
 * What a topic holds by now, from these offsets on; partitions that hold nothing more are left out.
 * @param from by partition; from the beginning unless given
 */
export async function rangesToEnd(
  log: Pick<EventLogReader, 'endOffsets'>,
  topic: string,
  from: readonly number[] = [],
): Promise<OffsetRange[]> {
  const ends = await log.endOffsets(topic);
  const ranges = ends.map((to, partition) => ({ topic, partition, from: from[partition] ?? 0, to }));
  return ranges.filter((range) => range.from < range.to);
}
