import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../../../src/kernels/calibration/random-words.ts';
import { calibrate, calibrationFor, type Deviation } from '../../../src/learning/acquisition/calibration.ts';
import {
  groupsOf,
  INSIDE_DOMAIN,
  type MeasuredRow,
  OUTSIDE_DOMAIN,
} from '../../../src/learning/acquisition/measured-row.ts';
import { roundUncertainty } from '../../../src/learning/acquisition/round-uncertainty.ts';
import type { MeasuredSubset, UncertaintyMetrics } from '../../../src/learning/acquisition/uncertainty-metrics.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';
import { finished } from '../../support/finished.ts';

/** Pairs of normal numbers from uniform ones (Box and Muller). */
function normals(seed: number) {
  const next = randomWords(seed);
  const uniform = () => (next() + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * Rows whose errors are normal with a STDEV that differs from row to row, and is told three times too small; outside of
 * the domain six times.
 */
function heteroscedastic(subset: MeasuredSubset, count: number, seed: number, outsideShare = 0): MeasuredRow[] {
  const normal = normals(seed);
  return Array.from({ length: count }, (_, i) => {
    const spread = 1 + Math.abs(normal()) * 5;
    const isOutside = i < outsideShare * count;
    return {
      materialId: `${subset}-${i}` as MaterialId,
      subset,
      group: isOutside ? OUTSIDE_DOMAIN : INSIDE_DOMAIN,
      mean: [100],
      standardDeviation: [spread / (isOutside ? 6 : 3)],
      actual: [100 + spread * normal()],
    };
  });
}

const SETTINGS = { targets: ['g_vrh'], transforms: ['none'], seed: 1, round: 2, before: [] } as const;
const uncertainty = (rows: readonly MeasuredRow[], before: typeof SETTINGS.before = []) =>
  finished(roundUncertainty(rows, { ...SETTINGS, before }));

function metricsOf(all: readonly UncertaintyMetrics[], subset: MeasuredSubset, group = ''): UncertaintyMetrics {
  return all.find((metrics) => metrics.subset === subset && metrics.group === group)!;
}
const shares = ({ coverage, count }: UncertaintyMetrics, by: 'raw' | 'scaled' | 'conformal') =>
  coverage.map((level) => level[by]!.inside / count);

describe('a round calibrated by its reserve', () => {
  const rows = [...heteroscedastic('reserve', 2000, 1), ...heteroscedastic('test', 4000, 2)];
  const { calibrations, metrics } = uncertainty(rows);

  it('finds by how much the STDEV is too small', () => {
    const all = calibrationFor(calibrations, 'g_vrh', '')!;
    expect(all.count).toBe(2000);
    expect(all.scale).toBeCloseTo(3, 0);
    expect(all.scaleInterval.low).toBeLessThan(3);
    expect(all.scaleInterval.high).toBeGreaterThan(3);
    // Of a normal distribution, three times too small.
    for (const [i, z] of [0.994, 1.645, 1.96].entries()) {
      expect(Math.abs(all.quantiles[i]!.quantile / (3 * z) - 1)).toBeLessThan(0.08);
    }
  });

  it('covers the test set as it says, where the raw STDEV does not', () => {
    const test = metricsOf(metrics, 'test');
    for (const [i, level] of [0.68, 0.9, 0.95].entries()) {
      expect(Math.abs(shares(test, 'scaled')[i]! - level)).toBeLessThan(0.03);
      expect(Math.abs(shares(test, 'conformal')[i]! - level)).toBeLessThan(0.03);
    }
    expect(shares(test, 'raw')[0]).toBeLessThan(0.3);
    expect(test.meanSquaredZ).toBeCloseTo(9, 0);
    expect(test.scaledMeanSquaredZInterval!.low).toBeLessThan(1.05);
    expect(test.scaledMeanSquaredZInterval!.high).toBeGreaterThan(0.95);
    // The closed form: the mean of 2 z STDEV.
    const spreads = rows
      .filter(({ subset }) => subset === 'test')
      .map(({ standardDeviation }) => standardDeviation[0]!);
    const mean = spreads.reduce((sum, x) => sum + x, 0) / spreads.length;
    expect(test.coverage[2]!.raw.width).toBeCloseTo(2 * 1.959964 * mean, 4);
    expect(test.rankCorrelation).toBeGreaterThan(0.3);
  });

  it('does not flatter the reserve with its own quantiles', () => {
    const few = heteroscedastic('reserve', 60, 3);
    const crossed = metricsOf(uncertainty(few).metrics, 'reserve');
    // Nine tenths of 60 rows: the 95 % quantile is the 53rd of 54, by brute force.
    const sorted = few.toSorted((a, b) => (a.materialId < b.materialId ? -1 : 1));
    const z = ({ mean, actual, standardDeviation }: MeasuredRow) =>
      Math.abs(mean[0]! - actual[0]!) / standardDeviation[0]!;
    const inside = sorted.filter((row, i) => {
      const others = sorted.filter((_, j) => j % 10 !== i % 10).map(z);
      return z(row) <= others.sort((a, b) => a - b)[52]!;
    });
    expect(crossed.coverage[2]!.conformal!.inside).toBe(inside.length);
  });

  it('is the same in any order of the rows', () => {
    const some = [...heteroscedastic('reserve', 80, 4, 0.7), ...heteroscedastic('test', 40, 5, 0.2)];
    const expected = JSON.stringify(uncertainty(some));
    const shuffled = fc.shuffledSubarray(some, { minLength: some.length });
    fc.assert(
      fc.property(shuffled, (other) => JSON.stringify(uncertainty(other)) === expected),
      { numRuns: 10 },
    );
  });
});

describe('a target that is learned on a logarithmic scale', () => {
  /** Errors by a factor, whose spread is told three times too small, from 1 to 1,000 GPa alike. */
  function multiplicative(subset: MeasuredSubset, count: number, seed: number): MeasuredRow[] {
    const normal = normals(seed);
    return Array.from({ length: count }, (_, i) => {
      const [mean, spread] = [10 ** ((3 * i) / count), 0.05 + 0.1 * Math.abs(normal())];
      const actual = [mean * Math.exp(spread * normal())];
      const standardDeviation = [(mean * spread) / 3];
      return { materialId: `${subset}-${i}` as MaterialId, subset, group: '', mean: [mean], standardDeviation, actual };
    });
  }
  const rows = [...multiplicative('reserve', 2000, 20), ...multiplicative('test', 4000, 21)];
  const log = finished(roundUncertainty(rows, { ...SETTINGS, transforms: ['log'] }));

  it('has intervals on that scale, which hold what they promise', () => {
    expect(log.calibrations[0]!.scale).toBeCloseTo(3, 0);
    for (const [l, share] of shares(metricsOf(log.metrics, 'test'), 'conformal').entries()) {
      expect(Math.abs(share - [0.68, 0.9, 0.95][l]!)).toBeLessThan(0.02);
    }
  });

  it('tells their widths in the unit of the target', () => {
    const [level] = metricsOf(log.metrics, 'test').coverage;
    const { quantile } = log.calibrations[0]!.quantiles[0]!;
    const widths = rows
      .filter(({ subset }) => subset === 'test')
      .map(({ mean: [mean], standardDeviation: [stdev] }) => {
        const half = (quantile * stdev!) / mean!;
        return mean! * (Math.exp(half) - Math.exp(-half));
      });
    expect(level!.conformal!.width / (widths.reduce((a, b) => a + b, 0) / widths.length)).toBeCloseTo(1, 10);
  });
});

describe('groups', () => {
  const rows = [...heteroscedastic('reserve', 2000, 6, 0.2), ...heteroscedastic('test', 4000, 7, 0.2)];

  it('are calibrated apart where they are large enough', () => {
    const { calibrations, metrics } = uncertainty(rows);
    expect(calibrations.map(({ group }) => group)).toEqual(['', INSIDE_DOMAIN, OUTSIDE_DOMAIN]);
    expect(calibrationFor(calibrations, 'g_vrh', OUTSIDE_DOMAIN)!.scale).toBeCloseTo(6, 0);
    for (const group of ['', INSIDE_DOMAIN, OUTSIDE_DOMAIN]) {
      expect(Math.abs(shares(metricsOf(metrics, 'test', group), 'conformal')[2]! - 0.95)).toBeLessThan(0.02);
    }
  });

  it('are taken for all others where they are not', () => {
    const few = [...heteroscedastic('reserve', 100, 8, 0.4), ...heteroscedastic('test', 10, 9, 0.5)];
    const { calibrations } = uncertainty(few);
    expect(calibrations.map(({ group }) => group)).toEqual(['', INSIDE_DOMAIN]);
    expect(calibrationFor(calibrations, 'g_vrh', OUTSIDE_DOMAIN)).toBe(calibrations[0]);
  });

  it('divide all materials', () => {
    const domain = () => ({ isOutside: true });
    const facts = (...elements: number[]) => ({ elements: Uint8Array.from(elements) });
    const groupOf = groupsOf({ reserve: { count: 1, focusElement: 'Na' } }, domain);
    expect(groupOf(facts(11, 17), new Float64Array(0))).toBe('Na');
    expect(groupOf(facts(17, 19), new Float64Array(0))).toBe(OUTSIDE_DOMAIN);
    expect(groupsOf({}, domain)(facts(11), new Float64Array(0))).toBe(OUTSIDE_DOMAIN);
  });
});

describe('too little to say anything', () => {
  it('says so: no reserve, no calibration, and the raw STDEV alone is measured', () => {
    const { calibrations, metrics } = uncertainty(heteroscedastic('test', 30, 10));
    expect(calibrations).toEqual([]);
    const test = metricsOf(metrics, 'test');
    expect(test.coverage[0]!.raw.inside).toBeGreaterThan(0);
    expect(test).not.toHaveProperty('scaledMeanSquaredZ');
    expect(test.coverage[0]).not.toHaveProperty('conformal');
  });

  it('bounds nothing at 95 % with 18 rows', () => {
    const { calibrations, metrics } = uncertainty([
      ...heteroscedastic('reserve', 18, 11),
      ...heteroscedastic('test', 9, 12),
    ]);
    expect(calibrations[0]!.quantiles.map(({ quantile }) => Number.isFinite(quantile))).toEqual([true, true, false]);
    const last = metricsOf(metrics, 'test').coverage[2]!;
    expect(last.conformal).toEqual({ inside: 9, width: Infinity });
  });

  it('counts a STDEV of 0 as an error of infinitely many STDEV, unless there is no error', () => {
    const row = (error: number, standardDeviation: number): Deviation => ({ group: '', error, standardDeviation });
    const [all] = calibrate('g_vrh', [row(0, 0), row(4, 2), row(1, 0)], []);
    expect(all!.scale).toBe(Math.sqrt(2));
    expect(all!.quantiles.map(({ quantile }) => quantile)).toEqual([Infinity, Infinity, Infinity]);
    const constant = uncertainty(
      ['reserve', 'test'].flatMap((subset) =>
        Array.from({ length: 30 }, (_, i) => ({
          ...{ materialId: `${subset}${i}` as MaterialId, subset: subset as MeasuredSubset, group: '' },
          ...{ mean: [5], standardDeviation: [0], actual: [5] },
        })),
      ),
    );
    expect(metricsOf(constant.metrics, 'test').coverage[2]!.conformal).toEqual({ inside: 30, width: 0 });
  });

  it('leaves out rows whose value is not known', () => {
    const rows = heteroscedastic('test', 9, 13).map((row, i) => (i < 4 ? { ...row, actual: [Number.NaN] } : row));
    expect(metricsOf(uncertainty(rows).metrics, 'test').count).toBe(5);
  });
});

it('a batch is measured by the calibration of the round that chose it', () => {
  const before = calibrate(
    'g_vrh',
    heteroscedastic('reserve', 400, 14).map(({ mean, actual, standardDeviation }) => {
      return { group: '', error: Math.abs(mean[0]! - actual[0]!), standardDeviation: standardDeviation[0]! };
    }),
    [],
  );
  const batch = heteroscedastic('batch', 500, 15).map((row) => ({ ...row, group: '' }));
  const { metrics } = finished(roundUncertainty(batch, { ...SETTINGS, before }));
  expect(Math.abs(shares(metricsOf(metrics, 'batch'), 'conformal')[1]! - 0.9)).toBeLessThan(0.04);
});
