import type { Topic } from '../model/topics.ts';
import type { Received } from '../runtime/decode-records.ts';

/**
 * Some state that is derived from the events of the log. It is empty at first, and each event changes it in place.
 *
 * 1. A projection takes the events of a partition in order and once each. The order between partitions is arbitrary.
 * 2. `take` is synchronous, so other code never sees an event half taken.
 * 3. A projection ignores events that are not its own: another projection may need them.
 */
export interface Projection {
  /** The topics that it is derived from. */
  readonly topics: readonly Topic[];
  /** The types of event that it takes. Default: all. Other types are not decoded for it. */
  readonly types?: readonly Received['event']['type'][];
  take(received: Received): void;
}
