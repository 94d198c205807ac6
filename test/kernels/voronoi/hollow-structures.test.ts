import { describe, expect, it } from 'vitest';
import { StepBudget } from '../../../src/kernels/step-budget.ts';
import { tessellate } from '../../../src/kernels/voronoi/tessellate.ts';
import type { Structure } from '../../../src/model/structure.ts';
import { bruteForceFaces } from '../../support/brute-force-voronoi.ts';
import { inOtherVectors, shifted } from '../../support/crystals.ts';
import { HOLLOW_STRUCTURES } from '../../support/hollow-structures.ts';
import { validateTessellation } from '../../support/tessellation-oracle.ts';

/** Four times the sites may take so many times the steps: 4, a logarithm, and what small sizes spare; all pairs would take 16. */
const GROWTH_MAX = 7.5;
const TIMEOUT_MS = 120_000;

function stepsOf(structure: Structure): number {
  const budget = new StepBudget(structure.atomicNumbers.length, Number.POSITIVE_INFINITY);
  tessellate(structure, { budget });
  return budget.steps;
}

const structures = Object.entries(HOLLOW_STRUCTURES);

describe('sites around a hollow, or in vacuum', () => {
  it.each(structures)(
    '%s: steps grow as the number of sites',
    (_, of) => {
      const [few, many] = [of(700), of(2_800)];
      const sites = many.atomicNumbers.length / few.atomicNumbers.length;
      expect(stepsOf(many) / stepsOf(few)).toBeLessThan((GROWTH_MAX / 4) * sites);
    },
    TIMEOUT_MS,
  );

  it.each(structures)(
    '%s: cells that fill the crystal, face to face',
    (_, of) => {
      const structure = of(600);
      expect(validateTessellation(structure, tessellate(structure))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each(['a sphere', 'a ring'])(
    '%s has the faces that clipping all bisectors leaves',
    (name) => {
      const structure = HOLLOW_STRUCTURES[name]!(60);
      const t = tessellate(structure);
      const plain = bruteForceFaces(structure, 17);
      const surface = [...plain.values()].reduce((sum, area) => sum + area, 0);
      for (let f = t.faceStart[17]!; f < t.faceStart[18]!; f++) {
        const key = `${t.neighbor[f]}:${t.image.subarray(3 * f, 3 * f + 3)}`;
        expect(Math.abs(t.area[f]! - (plain.get(key) ?? 0))).toBeLessThan(1e-8 * surface);
        plain.delete(key);
      }
      expect([...plain.values()].filter((area) => area > 1e-8 * surface)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each(structures)(
    '%s: origin, order and choice of cell change the steps by little',
    (_, of) => {
      const structure = of(600);
      const steps = stepsOf(structure);
      for (const same of [
        shifted(structure, [0.31, 0.77, 0.13]),
        inOtherVectors(structure, [1, 0, 0, 1, 1, 0, 0, -1, 1]),
      ]) {
        expect(Math.abs(stepsOf(same) / steps - 1)).toBeLessThan(0.5);
      }
    },
    TIMEOUT_MS,
  );
});
