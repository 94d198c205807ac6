import { describe, expect, it } from 'vitest';
import { calibratedEstimate } from '../../../src/learning/acquisition/calibrated-estimate.ts';
import type { TargetCalibration } from '../../../src/learning/acquisition/uncertainty-metrics.ts';

const calibration = (group: string, scale: number, quantile: number): TargetCalibration => ({
  ...{ target: 'g_vrh', group, count: 60, scale, scaleInterval: { low: scale, high: scale } },
  quantiles: [
    { level: 0.68, quantile: 2 },
    { level: 0.95, quantile },
  ],
});
const calibrations = [calibration('', 3, 6), calibration('outside', 5, Infinity)];
const asked = { target: 'g_vrh', group: 'inside', level: 0.95, transform: 'none' } as const;

describe('calibratedEstimate', () => {
  it('scales the STDEV and bounds the mean by that of the group, else of all', () => {
    const estimate = { mean: 50, stdev: 2 };
    expect(calibratedEstimate(estimate, calibrations, asked)).toEqual({ calibratedStdev: 6, low: 38, high: 62 });
    const outside = { ...asked, group: 'outside', level: 0.68 };
    expect(calibratedEstimate(estimate, calibrations, outside)).toEqual({ calibratedStdev: 10, low: 46, high: 54 });
  });

  it('is without bounds where the reserve is too small, also where all members agree', () => {
    const unbounded = calibratedEstimate({ mean: 50, stdev: 0 }, calibrations, { ...asked, group: 'outside' });
    expect(unbounded).toEqual({ calibratedStdev: 0, low: -Infinity, high: Infinity });
  });

  it('lies above 0 where the target is learned on a logarithmic scale', () => {
    const estimate = { mean: 50, stdev: 25 };
    const log = calibratedEstimate(estimate, calibrations, { ...asked, transform: 'log' })!;
    expect(log.calibratedStdev).toBe(75);
    // The same factor in both directions: exp(6 * 25 / 50).
    expect(log.low).toBeCloseTo(50 * Math.exp(-3), 10);
    expect(log.high).toBeCloseTo(50 * Math.exp(3), 7);
    const unbounded = calibratedEstimate(estimate, calibrations, { ...asked, group: 'outside', transform: 'log' });
    expect(unbounded).toMatchObject({ low: 0, high: Number.POSITIVE_INFINITY });
  });

  it('is not there without a calibration', () => {
    expect(calibratedEstimate({ mean: 1, stdev: 1 }, [], asked)).toBeUndefined();
    expect(calibratedEstimate({ mean: 1, stdev: 1 }, calibrations, { ...asked, target: 'k_vrh' })).toBeUndefined();
  });
});
