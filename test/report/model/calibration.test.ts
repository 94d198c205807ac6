import { describe, expect, it } from 'vitest';
import { hashedUniform } from '../../../src/kernels/hashed-draw.ts';
import { coverage, ERROR_PER_STDEV, errorBins } from '../../../src/report/model/calibration.ts';
import type { ParityPoint } from '../../../src/report/report-model.ts';

const point = (standardDeviation: number, error: number): ParityPoint => {
  return { materialId: 'm', set: 'test', actual: 50, mean: 50 + error, standardDeviation };
};
/** Errors as large as the STDEV promises. */
const calibrated = Array.from({ length: 4000 }, (_, i) => {
  const [u, v] = [hashedUniform('u', [i]), hashedUniform('v', [i])];
  const standardDeviation = 1 + (i % 10);
  return point(standardDeviation, standardDeviation * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v));
});

describe('errorBins', () => {
  it('follows the line of a calibrated uncertainty', () => {
    const bins = errorBins(calibrated);
    expect(bins.map(({ count }) => count)).toEqual(new Array(10).fill(400));
    bins.forEach(({ stdev, error }, i) => {
      expect(stdev).toBeCloseTo(i + 1, 9);
      expect(error / stdev).toBeGreaterThan(0.9 * ERROR_PER_STDEV);
      expect(error / stdev).toBeLessThan(1.1 * ERROR_PER_STDEV);
    });
  });

  it('has fewer bins for few points, and none for none', () => {
    expect(errorBins([])).toEqual([]);
    expect(errorBins([point(2, 3), point(4, -5), point(Number.NaN, 1)])).toEqual([{ count: 2, stdev: 3, error: 4 }]);
    expect(errorBins(calibrated.slice(0, 40)).map(({ count }) => count)).toEqual([20, 20]);
  });
});

describe('coverage', () => {
  it('is what it should be where the uncertainty is calibrated, and less where it is too small', () => {
    for (const { nominal, observed } of coverage(calibrated)) expect(observed).toBeCloseTo(nominal, 1);
    const bold = calibrated.map((one) => ({ ...one, standardDeviation: one.standardDeviation / 3 }));
    for (const { nominal, observed } of coverage(bold)) expect(observed).toBeLessThan(0.7 * nominal);
  });

  it('counts what lies within z STDEV', () => {
    // |error| / STDEV: 0.5, 0.9, 1.5, 3.
    const points = [0.5, -0.9, 1.5, -3].map((error) => point(1, error));
    expect(coverage(points).map(({ observed }) => observed)).toEqual([0.25, 0.5, 0.75, 0.75]);
    expect(coverage([])).toEqual([]);
  });
});
