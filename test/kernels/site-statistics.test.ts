import { expect, it } from 'vitest';
import { averageDeviation, SITE_STATISTICS, writeSiteStatistics } from '../../src/kernels/site-statistics.ts';

it('writes minimum, maximum, range, mean and mean absolute deviation, and nothing else', () => {
  const out = new Float64Array(7).fill(-1);
  writeSiteStatistics(Float64Array.of(100, 1, 2, 6, 100), 1, 3, out, 1);
  expect(SITE_STATISTICS).toEqual(['minimum', 'maximum', 'range', 'mean', 'avg_dev']);
  expect([...out]).toEqual([-1, 1, 6, 5, 3, 2, -1]);
});

it('of one site: its value, without spread', () => {
  const out = new Float64Array(5);
  writeSiteStatistics(Float64Array.of(-3), 0, 1, out, 0);
  expect([...out]).toEqual([-3, -3, 0, -3, 0]);
});

it('deviates from any centre', () => expect(averageDeviation(Float64Array.of(1, 2, 6), 0, 3, 3)).toBe(2));
