import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createMaterialFeaturizer } from '../../src/featurizers/material-featurizer.ts';
import { parseRow } from '../../src/formats/json/parse-row.ts';
import { pointGroup } from '../../src/kernels/point-group.ts';
import { primitiveCell } from '../../src/kernels/primitivity.ts';
import { STEPS_MAX, StepBudget } from '../../src/kernels/step-budget.ts';
import { tessellate } from '../../src/kernels/voronoi/tessellate.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { CRYSTALS, crystal, supercell } from '../support/crystals.ts';
import { HOLLOW_STRUCTURES } from '../support/hollow-structures.ts';
import { itWithShared } from '../support/shared-data.ts';

const salt = CRYSTALS['rocksalt NaCl']!.structure;
const refused = (text: string) =>
  expect.objectContaining({ code: 'too_costly', message: expect.stringContaining(text) });

type Point = readonly [number, number, number];

/** Points around the middle of a box, Angstrom. */
function inBox([a, b, c]: Point, points: readonly Point[]) {
  return crystal(
    [a, 0, 0, 0, b, 0, 0, 0, c],
    points.map(([x, y, z]) => [6, x / a + 0.5, y / b + 0.5, z / c + 0.5]),
  );
}

const cube = (edge: number): Point => [edge, edge, edge];
const points = (count: number, of: (i: number) => Point) => Array.from({ length: count }, (_, i) => of(i));

/** Each was dear in a place where no steps were counted: it took from 6 s of CPU to several minutes. */
const ONCE_UNCOUNTED = {
  'a cluster that fills one bin of the search for symmetry': inBox(
    cube(1000),
    points(17 ** 3, (i) => [2.5 * (i % 17), 2.5 * (Math.floor(i / 17) % 17), 2.5 * Math.floor(i / 289)]),
  ),
  'a bowl, all of whose atoms are as far from its focus as from a plane': inBox(
    cube(200),
    points(5000, (i) => {
      const [angle, r] = [i * Math.PI * (3 - Math.sqrt(5)), 1.2 * Math.sqrt(i)];
      return [r * Math.cos(angle), r * Math.sin(angle), (r * r) / 100 - 30];
    }),
  ),
  'two skew rows, of which each atom of one touches each of the other': inBox(
    cube(2000),
    points(1400, (i) => {
      const along = 0.3 * ((i >> 1) - 350) + 0.004 * Math.sin(i * i);
      return i % 2 === 0 ? [along, 0, -50] : [0, along, 50];
    }),
  ),
  'a curve of which any two atoms are neighbours': inBox(
    cube(1000),
    points(1500, (i) => {
      const t = i / 750 - 1;
      return [300 * t, 300 * t * t - 150, 300 * t ** 3];
    }),
  ),
};

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

  it.each(Object.entries(ONCE_UNCOUNTED))(
    '%s is refused',
    (_, structure) => {
      const featurizer = createMaterialFeaturizer({ cell: 'primitive' });
      const featurize = () => featurizer.featurize({ id: 'a' as MaterialId, structure }, new Float64Array(281));
      expect(featurize).toThrow(refused('sites need over'));
    },
    60_000,
  );

  it('counts the products of a cell so small that most motions map it onto itself', () => {
    const budget = new StepBudget(1);
    expect(pointGroup(crystal([0.105, 0, 0, 0, 0.105, 0, 0, 0, 0.105], [[6, 0, 0, 0]]), 0.1, budget)).toHaveLength(48);
    expect(budget.steps).toBeGreaterThan(1e6);
  });

  itWithShared(
    'is 100 times what published crystals need',
    (shared) => {
      for (const file of ['mp-elastic', 'mp-na-candidates']) {
        const lines = gunzipSync(readFileSync(shared(`data/${file}.jsonl.gz`)))
          .toString()
          .trimEnd()
          .split('\n');
        for (const line of lines.filter((_, i) => i % 16 === 0)) {
          const { structure } = parseRow(line).material;
          const budget = new StepBudget(structure.atomicNumbers.length, STEPS_MAX / 100);
          tessellate(structure, { budget });
          pointGroup(primitiveCell(structure, 0.1, budget), 0.1, budget);
        }
      }
    },
    120_000,
  );
});
