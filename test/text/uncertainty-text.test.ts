import { describe, expect, it } from 'vitest';
import type { RoundUncertainty } from '../../src/learning/acquisition/uncertainty-metrics.ts';
import type { RoundHistory } from '../../src/reading/campaign-history.ts';
import { calibrationRows, uncertaintyRows } from '../../src/reading/uncertainty-rows.ts';
import { uncertaintyEntries } from '../../src/text/uncertainty-text.ts';

const within = (...inside: number[]) => inside.map((n) => ({ inside: n, width: 10 }));

function figures(quantiles = [1, 2, 3]): RoundUncertainty {
  const [raw, conformal] = [within(30, 50, 60), within(68, 91, 95)];
  const levels = [0.68, 0.9, 0.95];
  return {
    calibrations: ['g_vrh', 'k_vrh'].map((target) => ({
      ...{ target, group: '', count: 1000, scale: 3.3, scaleInterval: { low: 3, high: Number.NaN } },
      quantiles: levels.map((level, i) => ({ level, quantile: quantiles[i]! })),
    })),
    metrics: ['g_vrh', 'k_vrh'].map((target) => ({
      ...{ target, subset: 'test', group: '', count: 100, meanSquaredZ: 11.2, rankCorrelation: Number.NaN },
      meanSquaredZInterval: { low: 9, high: 13 },
      coverage: levels.map((level, i) => ({ level, raw: raw[i]!, conformal: conformal[i]! })),
    })),
  };
}

const row = (uncertainty?: RoundUncertainty) => {
  const history = { selected: { uncertainty } } as unknown as RoundHistory;
  return { calibration: calibrationRows(history), uncertainty: uncertaintyRows(history) };
};

describe('what status says of the uncertainty', () => {
  it('is what intervals hold of the test set, beside the raw STDEV', () => {
    expect(uncertaintyEntries(row(figures()))).toEqual([
      ['intervals', '68 % hold G 68.0, K 68.0 %, 95 % hold G 95.0, K 95.0 % of the test set'],
      [
        'STDEV',
        'read as one, 68 % hold G 30.0, K 30.0 %, 95 % hold G 60.0, K 60.0 % of the test set; mean squared z G 11.2, K 11.2; calibrated by 1,000 of the reserve: times G 3.30, K 3.30',
      ],
    ]);
  });

  it('warns where there is no reserve, and where it is too small', () => {
    const [[label, text]] = uncertaintyEntries(row({ ...figures(), calibrations: [] })) as [[string, string]];
    expect([label, text.startsWith('no error bar (no reserve): ')]).toEqual(['STDEV', true]);
    const small = uncertaintyEntries(row(figures([1, Infinity, Infinity]))).at(-1);
    expect(small).toEqual([
      'intervals',
      'unbounded with 1,000 of the reserve at 90 % (which needs 9), 95 % (which needs 19)',
    ]);
  });

  it('is nothing where nothing was measured', () => expect(uncertaintyEntries(row())).toEqual([]));
});

describe('the rows of a round', () => {
  it('have the share with its own interval, and null for what is not defined', () => {
    const { uncertainty, calibration } = row(figures([1, 2, Infinity]));
    const [first] = uncertainty;
    expect(first!.coverage[2]!.raw).toMatchObject({ share: 0.6, width: 10 });
    expect(first!.coverage[2]!.raw.low).toBeCloseTo(0.502, 3);
    expect(first!.coverage[2]!.scaled).toBeNull();
    expect([first!.group, first!.rank_correlation, first!.scaled_mean_squared_z]).toEqual(['all', null, null]);
    expect(calibration[0]!.quantiles[2]).toEqual({ level: 0.95, quantile: null });
    expect(calibration[0]!.scale_high).toBeNull();
  });
});
