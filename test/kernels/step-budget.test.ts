import { describe, expect, it } from 'vitest';
import { createMaterialFeaturizer } from '../../src/featurizers/material-featurizer.ts';
import { pointGroup } from '../../src/kernels/point-group.ts';
import { primitiveCell } from '../../src/kernels/primitivity.ts';
import { STEPS_MAX, StepBudget } from '../../src/kernels/step-budget.ts';
import { tessellate } from '../../src/kernels/voronoi/tessellate.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { CRYSTALS, supercell } from '../support/crystals.ts';
import { HOLLOW_STRUCTURES } from '../support/hollow-structures.ts';

const salt = CRYSTALS['rocksalt NaCl']!.structure;
const refused = (text: string) =>
  expect.objectContaining({ code: 'too_costly', message: expect.stringContaining(text) });

describe('the budget of a structure', () => {
  it('refuses at the first step beyond it, and says what was dear and what to do', () => {
    const budget = new StepBudget(8, 10);
    budget.spend(10, 'cells');
    expect(() => budget.spend(1, 'symmetry')).toThrow(
      refused('8 sites need over 10 steps, the most allowed, and the search for symmetry'),
    );
  });

  it('holds for cells and for symmetry', () => {
    expect(() => tessellate(salt, { budget: new StepBudget(8, 100) })).toThrow(refused('the Voronoi cells'));
    expect(() => primitiveCell(salt, 0.1, new StepBudget(8, 100))).toThrow(refused('give the space group'));
    expect(() => pointGroup(salt, 0.1, new StepBudget(8, 100))).toThrow(refused('the search for symmetry'));
  });

  it('is far more than 9,000 atoms of a crystal need', () => {
    const large = supercell(salt, [10, 10, 11]);
    const budget = new StepBudget(large.atomicNumbers.length);
    tessellate(large, { budget });
    pointGroup(primitiveCell(large, 0.1, budget), 0.1, budget);
    expect(budget.steps).toBeLessThan(STEPS_MAX / 8);
  });

  it('refuses a structure as a whole in the featurizer', () => {
    const structure = HOLLOW_STRUCTURES['a sphere']!(20_000);
    const featurizer = createMaterialFeaturizer({ cell: 'primitive' });
    const featurize = () => featurizer.featurize({ id: 'sphere' as MaterialId, structure }, new Float64Array(281));
    expect(featurize).toThrow(refused('20000 sites need over'));
  }, 60_000);
});
