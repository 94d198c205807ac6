import { expect, it } from 'vitest';
import type { Example } from '../../../src/learning/data/material-catalogue.ts';
import { measureMembers } from '../../../src/learning/study/member-measures.ts';
import type { MemberTrained } from '../../../src/model/events.ts';

const example = (materialId: string, g_vrh: number | undefined, elements = [11]): Example =>
  ({ facts: { materialId, elements }, label: { values: g_vrh === undefined ? {} : { g_vrh } } }) as unknown as Example;
const member = (rows: number[], predictions: number[]): MemberTrained =>
  ({
    targets: [
      { target: 'g_vrh', heldOutRows: Int32Array.from(rows), heldOutPredictions: Float64Array.from(predictions) },
    ],
  }) as unknown as MemberTrained;

const training = [example('a', 10), example('b', 20), example('c', 30, [8]), example('d', undefined)];
const members = [member([0, 1], [12, 20]), member([1, 2, 3], [24, 27, 1])];
const unseen = { rows: [example('e', 50)], predictions: { g_vrh: [[44], [50]] } };

it('measures each member on what it has not seen, and the ensemble on the means of those that have not', () => {
  const { materials, mae, ensemble } = measureMembers({ members, training, unseen }, 'g_vrh', () => true);
  // Errors: 2, 0, 6 of the first member, 4, 3, 0 of the second.
  expect(materials).toBe(4);
  expect(mae.mean).toBeCloseTo((8 / 3 + 7 / 3) / 2, 12);
  expect(mae.standardDeviation).toBeCloseTo(1 / 6, 12);
  // a: 12, b: (20 + 24) / 2, c: 27, e: (44 + 50) / 2.
  expect(ensemble).toMatchObject({ count: 4, mae: (2 + 2 + 3 + 3) / 4 });
});

it('counts only what is meant', () => {
  const oxides = measureMembers({ members, training, unseen }, 'g_vrh', ({ elements }) => elements.includes(8));
  expect(oxides).toMatchObject({ materials: 1, mae: { mean: 3, standardDeviation: 0 }, ensemble: { mae: 3 } });
  const none = measureMembers({ members, training, unseen }, 'g_vrh', () => false);
  expect(none).toMatchObject({ materials: 0, mae: { mean: Number.NaN } });
});
