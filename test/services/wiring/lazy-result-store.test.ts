import { expect, it } from 'vitest';
import { lazyResultStore } from '../../../services/wiring/lazy-result-store.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { ResultStore } from '../../../src/ports/result-store.ts';
import { collected } from '../../support/events.ts';

const POSITION = { topic: 'members', partition: 0, next: 7, lastOffset: 6, lastId: 'x' };

/** Answers what a test asks. */
function storeOf(closed: () => void) {
  return {
    positions: async () => [POSITION],
    async *query() {
      yield Buffer.from('answer');
    },
    close: async () => closed(),
  } as unknown as ResultStore;
}

it('opens the store with its first use, once, also where two come at the same time', async () => {
  let opened = 0;
  let closed = 0;
  const store = lazyResultStore(async () => {
    opened++;
    return storeOf(() => closed++);
  });
  expect(opened).toBe(0);
  expect(await Promise.all([store.positions(), store.positions()])).toEqual([[POSITION], [POSITION]]);
  expect((await collected(store.query('SELECT 1'))).map(String)).toEqual(['answer']);
  await store.close();
  expect([opened, closed]).toEqual([1, 1]);
});

it('tries to open it again with the next use where that failed', async () => {
  let isAway = true;
  const store = lazyResultStore(async () => {
    if (isAway) throw new AppError('unavailable', 'away', { retryable: true });
    return storeOf(() => {});
  });
  await expect(store.positions()).rejects.toThrow('away');
  await expect(collected(store.query('SELECT 1'))).rejects.toThrow('away');
  isAway = false;
  expect(await store.positions()).toEqual([POSITION]);
});

it('closes what was never opened, or could not be', async () => {
  const store = lazyResultStore(async () => {
    throw new AppError('unavailable', 'away', { retryable: true });
  });
  await store.close();
  await expect(store.positions()).rejects.toThrow('away');
  await store.close();
});
