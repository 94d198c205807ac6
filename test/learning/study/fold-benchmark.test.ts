import { describe, expect, it } from 'vitest';
import { foldErrors, publishedErrors } from '../../../src/learning/study/fold-benchmark.ts';

const rows = [
  { id: 'a', fold: 0, actual: 10, published: 1.1 },
  { id: 'b', fold: 1, actual: 100, published: 1.9 },
];

describe('a benchmark on given folds', () => {
  it('measures logarithms to base 10, and values in their unit', () => {
    const { rows: count, log10, value } = foldErrors(rows, [100, 100]);
    expect([count, log10.mae, value.mae]).toEqual([2, 0.5, 45]);
    expect(log10.rmse).toBeCloseTo(Math.SQRT1_2, 14);
  });

  it('measures what was published on the same rows', () => {
    const { log10, value } = publishedErrors(rows);
    expect(log10.mae).toBeCloseTo(0.1, 14);
    expect(value.mae).toBeCloseTo((10 ** 1.1 - 10 + (100 - 10 ** 1.9)) / 2, 10);
  });
});
