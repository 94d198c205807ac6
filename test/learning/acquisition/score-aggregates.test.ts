import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aggregateScores,
  ensembleMetrics,
  mergeAggregates,
  spreadBin,
} from '../../../src/learning/acquisition/score-aggregates.ts';

describe('aggregateScores', () => {
  it('counts STDEV in bins of half a GPa, the last one open', () => {
    const { standardDeviationHistogram: bins } = aggregateScores(Float64Array.of(0, 0, 0, 0.98, 1, 1000), 2, [1, 1, 1]);
    expect([bins[0], bins[1], bins.at(-1)]).toEqual([1, 1, 1]);
  });

  it('counts other targets in bins of a width that their labels give', () => {
    expect(['g_vrh', 'k_vrh'].map((modulus) => spreadBin(modulus, 1e4))).toEqual([0.5, 0.5]);
    expect([32, 40, 0.1, 0].map((spread) => spreadBin('band_gap', spread))).toEqual([1, 1, 2 ** -9, 1]);
    const bin = spreadBin('band_gap', 0.1);
    const { standardDeviationHistogram: bins } = aggregateScores(Float64Array.of(0, 2.5 * bin), 2, [0], bin);
    expect(bins.indexOf(1)).toBe(1);
  });
});

describe('mergeAggregates', () => {
  const rows = fc.array(fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300)), { minLength: 2, maxLength: 40 });
  const of = (some: [number, number, number][]) =>
    aggregateScores(
      Float64Array.from([...some.map(([a]) => a), ...some.map(([, b]) => b)]),
      2,
      some.map(([, , truth]) => truth),
    );

  it('gives the figures of the whole pool, wherever it is cut', () => {
    fc.assert(
      fc.property(rows, fc.nat(40), (all, cut) => {
        const whole = of(all);
        const merged = mergeAggregates([of(all.slice(0, cut)), of(all.slice(cut))]);
        expect(merged.count).toBe(whole.count);
        expect(merged.standardDeviationHistogram).toEqual(whole.standardDeviationHistogram);
        const [a, b] = [ensembleMetrics(merged), ensembleMetrics(whole)];
        for (const key of Object.keys(a) as (keyof typeof a)[]) {
          const close = Math.abs(a[key] - b[key]) <= 1e-9 * (1 + Math.abs(b[key]));
          expect(close || (Number.isNaN(a[key]) && Number.isNaN(b[key])), key).toBe(true);
        }
      }),
    );
  });

  it('of nothing is empty', () => expect(ensembleMetrics(mergeAggregates([])).mae).toBeNaN());
});

describe('ensembleMetrics', () => {
  it("has the ensemble's figures, the members' mean and their population STDEV", () => {
    const metrics = ensembleMetrics(aggregateScores(Float64Array.of(0, 2, 2, 6), 2, [0, 2]));
    expect(metrics).toMatchObject({ count: 2, mae: 1.5, memberMae: 1.5, maeStandardDeviation: 1.5 });
    expect(metrics.r2).toBe(1 - 5 / 2);
    expect([metrics.memberR2, metrics.memberR2StandardDeviation]).toEqual([(1 + (1 - 20 / 2)) / 2, 5]);
  });
});
