import { expect, it } from 'vitest';
import { FEATURES } from '../../src/featurizers/feature-schema.ts';
import { explanationJson, explanationLines, explanationOf } from '../../src/reading/explanation.ts';

const columns = Int32Array.of(0, 2, 1);
const vector = [11, Number.NaN, 33];
/** Two members: of the columns, then their mean predictions. */
const members = [Float64Array.of(1, -8, 2, 50), Float64Array.of(3, -4, 2, 52)];

it('averages over the members, largest first, and says where they differ', () => {
  const explanation = explanationOf(members, columns, vector, 'none');
  expect(explanation.base).toEqual({ mean: 51, stdev: 1 });
  expect(explanation.features).toEqual([
    { index: 2, value: 33, mean: -6, stdev: 2 },
    { index: 0, value: 11, mean: 2, stdev: 1 },
    { index: 1, value: Number.NaN, mean: 2, stdev: 0 },
  ]);
  const byTarget = new Map([['g_vrh', explanation]]);
  const label = (index: number) => FEATURES[index]!.label;
  expect(explanationLines(byTarget, 2)).toEqual([
    '    why G: 51.0 of any material, and',
    `         -6.0 ± 2.0  ${label(2)} = 33`,
    `         +2.0 ± 1.0  ${label(0)} = 11`,
    `    why its STDEV: members differ most in ${label(2)} (± 2.0), ${label(0)} (± 1.0)`,
  ]);
  expect(explanationJson(byTarget)).toMatchObject({
    g_vrh: { base: 51, features: [{ contribution: -6 }, {}, { label: label(1), value: null }] },
  });
});

it('tells factors where the models have learned logarithms', () => {
  const logarithms = members.map((member) => member.map((value) => value / 10));
  const byTarget = new Map([['g_vrh', explanationOf(logarithms, columns, vector, 'log')]]);
  const label = (index: number) => FEATURES[index]!.label;
  expect(explanationLines(byTarget, 1)).toEqual([
    `    why G: ${Math.exp(5.1).toFixed(1)} of any material, and`,
    `        × 0.549 ± 20 %  ${label(2)} = 33`,
    `    why its STDEV: members differ most in ${label(2)} (± 20 %)`,
  ]);
  expect(explanationJson(byTarget)).toMatchObject({ g_vrh: { scale: 'ln', base: 5.1 } });
});
