import { describe, expect, it } from 'vitest';
import { selectionSize, stopReason } from '../../../src/learning/campaign/stop-rule.ts';

const acquisition = { strategy: 'random', batch: 5, weights: {} } as const;

describe('a stop rule', () => {
  it.each([
    ['labels', 0, { labels: 10 }, { round: 3, acquired: 10, pool: 50 }],
    [undefined, 3, { labels: 10 }, { round: 2, acquired: 7, pool: 50 }],
    ['rounds', 0, { rounds: 2 }, { round: 3, acquired: 10, pool: 50 }],
    [undefined, 5, { rounds: 2 }, { round: 2, acquired: 5, pool: 50 }],
    ['empty_pool', 0, {}, { round: 1, acquired: 0, pool: 0 }],
    [undefined, 4, {}, { round: 9, acquired: 40, pool: 4 }],
    ['labels', 0, { labels: 1, rounds: 1 }, { round: 2, acquired: 1, pool: 0 }],
  ] as const)('gives %s and a selection of %i', (reason, size, stop, progress) => {
    expect(stopReason(stop, progress)).toBe(reason);
    expect(selectionSize(acquisition, stop, progress)).toBe(size);
  });
});
