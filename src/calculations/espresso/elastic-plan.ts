import { elasticProperties } from '../../kernels/elasticity/elastic-properties.ts';
import { upperGradient } from '../../kernels/elasticity/finite-strain.ts';
import { fitStiffness, strainRays } from '../../kernels/elasticity/fit-stiffness.ts';
import { axisStrain, freeCoordinates, representativeStrains } from '../../kernels/elasticity/representative-strains.ts';
import { strainStates, stressMatrix } from '../../kernels/elasticity/strain-states.ts';
import { type SymmetrizedCell, symmetrizedCell } from '../../kernels/symmetrized-cell.ts';
import type { CalculationRun } from '../../model/calculation-run.ts';
import { createLattice, type Matrix3, multiply3 } from '../../model/lattice.ts';
import type { EspressoRecipe } from '../../model/recipe.ts';
import { createStructure, type Structure } from '../../model/structure.ts';
import type { NextStep } from '../../ports/simulation-code.ts';
import { relaxedCell } from './cell-relaxation.ts';
import { pointMesh } from './point-mesh.ts';
import type { PwTask } from './pw-runs.ts';

/** A calculation as a coroutine: it asks for the runs of some cells at a time, and is given what they gave. */
export type Plan<T> = Generator<readonly PwTask[], T, readonly CalculationRun[]>;

/** Within it published crystals have their symmetry; what is off by less is made exact. */
const SYMPREC_ANGSTROM = 0.01;
/** Third-order elasticity bends a stress by a tenth at a strain of 0.01; more is noise or another phase. */
const MISFIT_MAX = 0.25;
const AXES = [0, 1, 2, 3, 4, 5] as const;

/** Relaxes the cell, strains it as far as its symmetry does not do so itself, and fits the stresses. */
export function* elasticPlan(given: Structure, recipe: EspressoRecipe): Plan<NextStep> {
  const cell = symmetrizedCell(given, SYMPREC_ANGSTROM);
  const mesh = pointMesh(cell, recipe.kSpacing);
  const relaxed = yield* relaxedCell(cell, mesh, recipe.stressMaxGpa);
  if (typeof relaxed === 'string') return { kind: 'failed', reason: relaxed, retry: 'never' };
  const gradients = strainsOf(cell, recipe).map(upperGradient);
  const results = yield gradients.map((gradient, i): PwTask => {
    const structure = deformed(relaxed.structure, gradient);
    const isFree = freeCoordinates(cell.operations, strainsOf(cell, recipe)[i]!) > 0;
    return { name: `strain-${i + 1}`, structure, calculation: isFree ? 'relax' : 'scf', mesh };
  });
  return fitted(cell, recipe, { equilibrium: relaxed, gradients, results });
}

function strainsOf({ operations }: SymmetrizedCell, { strains, isSymmetryReduced }: EspressoRecipe): Matrix3[] {
  const amplitudes = strains.flatMap((strain) => [-strain, strain]);
  if (!isSymmetryReduced) return AXES.flatMap((axis) => amplitudes.map((amplitude) => axisStrain(axis, amplitude)));
  const rotations = operations.map(({ rotation }) => rotation);
  return representativeStrains(rotations, amplitudes);
}

interface Measured {
  readonly equilibrium: CalculationRun;
  readonly gradients: readonly Matrix3[];
  readonly results: readonly CalculationRun[];
}

function fitted(cell: SymmetrizedCell, recipe: EspressoRecipe, measured: Measured): NextStep {
  const { equilibrium, gradients, results } = measured;
  const rotations = recipe.isSymmetryReduced ? cell.operations.map(({ rotation }) => rotation) : [];
  const states = strainStates(
    results.map(({ stress }, i) => ({ gradient: gradients[i]!, cauchy: stressMatrix(stress!) })),
    rotations,
    { wholeOrbits: true },
  );
  const { stiffness, misfit } = fitStiffness(strainRays(states), stressMatrix(equilibrium.stress!));
  const failed = (reason: string): NextStep => ({ kind: 'failed', reason, retry: 'never' });
  if (!(misfit <= MISFIT_MAX)) {
    return failed(
      `a stress is off the fitted line by ${Math.round(100 * misfit)} % of the largest: raise the cut-offs`,
    );
  }
  const { stable, stability } = elasticProperties(stiffness);
  if (stable === undefined) {
    const softest = stability.eigenvalues[0]!.toFixed(1);
    return failed(`the crystal is not stable by Born's criterion: the smallest eigenvalue is ${softest} GPa`);
  }
  const { code, functional } = equilibrium;
  return {
    kind: 'completed',
    result: {
      outcome: 'completed',
      method: { kind: 'dft', code, ...(functional !== undefined && { functional }), relaxedIon: true },
      values: { g_vrh: stable.hill.shear, k_vrh: stable.hill.bulk },
      tensor: stiffness,
      deformations: results.map(({ stress }, i) => ({
        gradient: gradients[i]!,
        stress: stress!,
        provenance: `strain-${i + 1}`,
      })),
    },
  };
}

function deformed({ lattice, atomicNumbers, fracCoords }: Structure, gradient: Matrix3): Structure {
  const transposed = Float64Array.from({ length: 9 }, (_, i) => gradient[3 * (i % 3) + Math.floor(i / 3)]!);
  return createStructure(createLattice(multiply3(lattice.matrix, transposed)), atomicNumbers, fracCoords);
}
