import { expect, it } from 'vitest';
import { logExpectedExcess, logIntervalProbability } from '../../src/kernels/normal-distribution.ts';

const near = (found: number, exact: number) =>
  expect(Math.abs(found - exact) / Math.max(Math.abs(exact), 1e-3)).toBeLessThan(2e-13);
const { POSITIVE_INFINITY: INF } = Number;

// By mpmath with 3,000 digits.
it.each([
  [5, 1.60943792312643],
  [1, 0.0800262188493069],
  [0, -0.918938533204673],
  [-0.5, -1.62051626438732],
  [-2.9, -7.52084649288787],
  [-3.1, -8.22732939357275],
  [-10, -55.5531220361224],
  [-37.5, -711.294748447513],
  [-99, -4910.60948421546],
  [-101, -5110.64947355486],
  [-1e4, -50000019.3396193],
  [-1e8, -5_000_000_000_000_038],
])('the log of the expected excess at %d is exact', (z, exact) => near(logExpectedExcess(z), exact));

it.each([
  [-1, 1, -0.381715146302126],
  [-8, 9, -6.22208916267774e-16],
  [0, 0.001, -7.82669397885346],
  [2, 3, -3.84435342633421],
  [5, 5.5, -15.1335408112713],
  [-40, -39, -765.083156564378],
  [60, 61, -1805.01356068057],
  [-9, -3.5, -8.36606530834409],
  [-1, INF, -0.17275377902345],
  [3, INF, -6.60772622151035],
  [-INF, -50, -1254.83136113942],
])('the log of the probability between %d and %d is exact', (low, high, exact) =>
  near(logIntervalProbability(low, high), exact),
);
