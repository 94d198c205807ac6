import type { Topic } from '../model/topics.ts';
import type { Received } from '../runtime/decode-records.ts';

/**
 * What is made of the log's events: empty when it is created, and changed in place by each event that it takes.
 *
 * 1. It takes the events of a partition in their order, each once, and those of different partitions in any order.
 * 2. Taking is synchronous: whoever looks at it between two turns sees whole events.
 * 3. It passes over what is not its own: an event may have been read for the sake of another projection.
 */
export interface Projection {
  /** What it is made of. */
  readonly topics: readonly Topic[];
  /** What else these topics hold need not be decoded; all is taken unless told. */
  readonly types?: readonly Received['event']['type'][];
  take(received: Received): void;
}
