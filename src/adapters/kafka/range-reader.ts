import type { Cluster } from 'kafkajs';
import type { EventBatch, OffsetRange } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';
import { byLeader, type Fetched, fetchFrom } from './fetch.ts';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';

/** A range that is not read to its end yet. */
interface Reading extends OffsetRange {
  from: number;
}

const BATCH_RECORDS_MAX = 500;
const BATCH_BYTES_MAX = 2 ** 20;
/**
 * Fetch wait time. A range ends at or before the end of its partition, so its events exist; only a broker that has just
 * become the leader makes the fetch wait.
 */
const WAIT_MS = 100;

/**
 * Reads ranges that end at or before the ends of their partitions, one fetch at a time. It uses no consumer group,
 * because a group would leave its name and offsets on the brokers and cause rebalances.
 */
export async function* readRanges(
  cluster: Cluster,
  ranges: readonly OffsetRange[],
  timing?: Timing,
): AsyncIterable<EventBatch> {
  let open: Reading[] = ranges.filter(({ from, to }) => from < to).map((range) => ({ ...range }));
  while (open.length > 0) {
    for (const fetched of await retried('reading the log', () => fetchSome(cluster, open, timing), { timing })) {
      // Several ranges may belong to the same partition.
      const range = open.find((one) => one.topic === fetched.topic && one.partition === fetched.partition)!;
      const records = fetched.records.filter(({ offset }) => offset < range.to);
      range.from = Math.min(fetched.next, range.to);
      yield* batches({ ...fetched, records, next: range.from });
    }
    open = open.filter(({ from, to }) => from < to);
  }
}

async function fetchSome(cluster: Cluster, open: readonly Reading[], timing?: Timing): Promise<readonly Fetched[]> {
  const firsts = new Map<string, Reading>();
  for (const range of open) {
    const key = placeKey(range);
    if (!firsts.has(key)) firsts.set(key, range);
  }
  // The leader may have changed; after a failure the metadata is refreshed.
  const [leader, ranges] = [...byLeader(cluster, [...firsts.values()])][0]!;
  try {
    const starts = ranges.map(({ topic, partition, from }) => ({ topic, partition, offset: from }));
    return await fetchFrom(cluster, leader, starts, WAIT_MS, timing);
  } catch (error) {
    await cluster.refreshMetadata().catch(() => {});
    throw error;
  }
}

function* batches({ topic, partition, records, next }: Omit<Fetched, 'from' | 'end'>): Iterable<EventBatch> {
  let from = 0;
  while (from < records.length) {
    let [to, bytes] = [from, 0];
    while (to < records.length && to - from < BATCH_RECORDS_MAX && (to === from || bytes < BATCH_BYTES_MAX)) {
      bytes += records[to++]!.value.length;
    }
    const taken = records.slice(from, to);
    yield { topic, partition, records: taken, next: to < records.length ? taken.at(-1)!.offset + 1 : next };
    from = to;
  }
}
