import { systemClock } from '../../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../../src/adapters/in-process/system-random.ts';
import type { EventRecord } from '../../../../src/model/event-record.ts';
import type { EventBatch, EventLog } from '../../../../src/ports/event-log.ts';
import { retrying } from '../../../../src/runtime/retry.ts';

/** Appends every event once more. */
export interface DoubledEvents {
  /** The number of doubled events so far. */
  count(): number;
  stop(): Promise<void>;
}

/** Appends every event of every topic a second time, from the log's beginning on, so also after later events. */
export async function doubleEvents(log: EventLog): Promise<DoubledEvents> {
  const seen = new Set<string>();
  let count = 0;
  const from = (await log.topics()).flatMap(({ name: topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 })),
  );
  const consumer = await log.follow({
    from,
    concurrency: 4,
    async onBatch({ topic, partition, records }: EventBatch) {
      // Our client cannot append a record without attributes, so poisoned messages are not doubled.
      const first = records.filter(({ id, type }) => type !== '' && !seen.has(`${topic} ${id}`));
      for (const { id } of first) seen.add(`${topic} ${id}`);
      if (first.length === 0) return;
      const events = first.map(({ offset: _, ...event }: EventRecord) => event);
      const context = { clock: systemClock, random: systemRandom };
      await retrying(context, () => log.append({ topic, partition }, events));
      count += events.length;
    },
  });
  return { count: () => count, stop: () => consumer.stop() };
}
