import { describe, expect, it } from 'vitest';
import { ensembleStatistics } from '../../src/kernels/ensemble-statistics.ts';

describe('ensembleStatistics', () => {
  it('has mean and population STDEV per row, from predictions member by member', () => {
    const { mean, standardDeviation } = ensembleStatistics(Float64Array.of(1, 10, 2, 10, 3, 10, 4, 10), 4);
    expect([...mean]).toEqual([2.5, 10]);
    expect([...standardDeviation]).toEqual([Math.sqrt(1.25), 0]);
  });

  it('keeps its digits where values are large and close', () => {
    const { standardDeviation } = ensembleStatistics(Float64Array.of(1e9, 1e9 + 1), 2);
    expect(standardDeviation[0]).toBe(0.5);
  });

  it('has no rows without predictions, and needs whole members', () => {
    expect(ensembleStatistics(new Float64Array(0), 3).mean).toHaveLength(0);
    expect(() => ensembleStatistics(new Float64Array(5), 2)).toThrow(RangeError);
    expect(() => ensembleStatistics(new Float64Array(0), 0)).toThrow(RangeError);
  });
});
