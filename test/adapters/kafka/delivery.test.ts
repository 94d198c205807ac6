import { describe, expect, it } from 'vitest';
import { createDelivery, type Delivery } from '../../../src/adapters/kafka/delivery.ts';
import type { EventBatch, StartOffset } from '../../../src/ports/event-log.ts';
import { events } from '../../support/events.ts';

const LANES = 100;
const starts: StartOffset[] = Array.from({ length: LANES }, (_, partition) => ({ topic: 't', partition, offset: 0 }));
const fetched = (partition: number, from: number, count: number, end = 1000) => ({
  topic: 't',
  partition,
  from,
  records: events(count).map((one, i) => ({ ...one, offset: from + i })),
  next: from + count,
  end,
});

/** A delivery whose handler waits to be let go. */
function held(recordsMax = 500): {
  delivery: Delivery;
  batches: EventBatch[];
  letGo(): Promise<void>;
  commits: number[];
} {
  const batches: EventBatch[] = [];
  const commits: number[] = [];
  let release = () => {};
  const delivery = createDelivery(
    {
      batchRecordsMax: recordsMax,
      onBatch: (batch) => {
        batches.push(batch);
        return new Promise((resolve) => {
          release = resolve;
        });
      },
    },
    {
      commit: async ({ offset }) => void commits.push(offset),
      onHungry: () => {},
      onFailure: (error) => expect.fail(String(error)),
    },
  );
  const letGo = async () => {
    release();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { delivery, batches, letGo, commits };
}

describe('a delivery', () => {
  it('is hungry for a bounded number of partitions, whatever its handler does', () => {
    const { delivery, batches } = held();
    delivery.add(starts);
    let offers = 0;
    for (let hungry = delivery.hungry(); hungry.length > 0 && offers < 10 * LANES; hungry = delivery.hungry()) {
      delivery.offer(fetched(hungry[0]!.partition, hungry[0]!.offset, 10));
      offers++;
    }
    // One batch at work, and so many waiting.
    expect([batches.length, offers]).toEqual([1, 33]);
  });

  it('drops what it did not ask for', () => {
    const { delivery, batches } = held();
    delivery.add(starts.slice(0, 1));
    delivery.offer(fetched(0, 5, 3));
    delivery.offer(fetched(1, 0, 3));
    expect(batches).toEqual([]);
    delivery.offer(fetched(0, 0, 3));
    delivery.offer(fetched(0, 0, 3));
    expect(batches.length).toBe(1);
    expect(delivery.hungry()).toMatchObject([{ partition: 0, offset: 3 }]);
  });

  it('knows which partitions are at their end', () => {
    const { delivery } = held();
    delivery.add(starts.slice(0, 2));
    expect(delivery.hungry().map(({ behind }) => behind)).toEqual([true, true]);
    delivery.offer({ ...fetched(0, 0, 0), end: 0 });
    delivery.offer({ ...fetched(1, 0, 0), end: 7 });
    expect(delivery.hungry().map(({ behind }) => behind)).toEqual([false, true]);
  });

  it('commits batch after batch, and waits for the one at work when its partition goes', async () => {
    const { delivery, batches, letGo, commits } = held(2);
    delivery.add(starts.slice(0, 1));
    delivery.offer({ ...fetched(0, 0, 5), next: 6 });
    await letGo();
    expect(commits).toEqual([2]);
    let removed = false;
    const removing = delivery.remove(starts.slice(0, 1)).then(() => {
      removed = true;
    });
    await Promise.resolve();
    expect([removed, batches.length]).toEqual([false, 2]);
    await letGo();
    await removing;
    await letGo();
    expect([commits, batches.length]).toEqual([[2, 4], 2]);
  });
});
