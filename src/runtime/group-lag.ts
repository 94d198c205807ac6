import type { EventLogReader } from '../ports/event-log.ts';
import type { ServicePorts } from './service.ts';

const POLL_MS = 20;

/** The number of events that a group has not handled yet. */
export async function groupLag({ log }: { readonly log: EventLogReader }, group: string, topics: readonly string[]) {
  let lag = 0;
  for (const topic of topics) {
    const [ends, committed] = await Promise.all([log.endOffsets(topic), log.committedOffsets(group, topic)]);
    lag += ends.reduce((sum, end, partition) => sum + end - committed[partition]!, 0);
  }
  return lag;
}

/** Resolves when a group has handled all events in the log. */
export async function withoutLag(ports: ServicePorts, group: string, topics: readonly string[]): Promise<void> {
  while ((await groupLag(ports, group, topics)) > 0) await ports.clock.sleep(POLL_MS);
}
