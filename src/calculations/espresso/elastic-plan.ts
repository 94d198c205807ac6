import { type SymmetrizedCell, symmetrizedCell } from '../../kernels/symmetrized-cell.ts';
import type { EspressoRecipe } from '../../model/recipe.ts';
import type { Structure } from '../../model/structure.ts';
import type { NextStep } from '../../ports/simulation-code.ts';
import { fittedTensor } from '../elastic/fitted-tensor.ts';
import type { Plan } from '../elastic/plan.ts';
import { pointMesh } from '../elastic/point-mesh.ts';
import { rotationsOf, strainedCells } from '../elastic/strained-cells.ts';
import { relaxedCell } from './cell-relaxation.ts';
import type { PwTask } from './pw-runs.ts';

/** Within it published crystals have their symmetry; what is off by less is made exact. */
const SYMPREC_ANGSTROM = 0.01;
/** Third-order elasticity bends a stress by a tenth at a strain of 0.01; more is noise or another phase. */
const MISFIT_MAX = 0.25;

/** Relaxes the cell, strains it as far as its symmetry does not do so itself, and fits the stresses. */
export function* elasticPlan(given: Structure, recipe: EspressoRecipe): Plan<PwTask, NextStep> {
  const cell: SymmetrizedCell = symmetrizedCell(given, SYMPREC_ANGSTROM);
  const mesh = pointMesh(cell, recipe.kSpacing);
  const equilibrium = yield* relaxedCell(cell, mesh, recipe.stressMaxGpa);
  if (typeof equilibrium === 'string') return { kind: 'failed', reason: equilibrium, retry: 'never' };
  const cells = strainedCells(cell, equilibrium.structure, recipe);
  const results = yield cells.map(({ name, structure, isFree }): PwTask => {
    return { name, structure, calculation: isFree ? 'relax' : 'scf', mesh };
  });
  const rotations = recipe.isSymmetryReduced ? rotationsOf(cell) : [];
  return fittedTensor({ equilibrium, cells, results, rotations, misfitMax: MISFIT_MAX });
}
