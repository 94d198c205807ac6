import type { TopicPartition } from '../../ports/event-log.ts';

/** A key for maps, one per partition of a topic. */
export function placeKey({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}
