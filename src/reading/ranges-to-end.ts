import type { EventLogReader, OffsetRange } from '../ports/event-log.ts';

/**
 * The ranges from these offsets to a topic's present ends. A partition without events in its range is left out.
 * @param from by partition. Default: the beginning
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
