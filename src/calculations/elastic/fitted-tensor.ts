import { elasticProperties } from '../../kernels/elasticity/elastic-properties.ts';
import { fitStiffness, strainRays } from '../../kernels/elasticity/fit-stiffness.ts';
import { strainStates, stressMatrix } from '../../kernels/elasticity/strain-states.ts';
import type { CalculationRun } from '../../model/calculation-run.ts';
import type { Matrix3 } from '../../model/lattice.ts';
import type { NextStep } from '../../ports/simulation-code.ts';
import type { StrainedCell } from './strained-cells.ts';

export interface MeasuredCells {
  /** The run of the cell without strain. */
  readonly equilibrium: CalculationRun;
  readonly cells: readonly StrainedCell[];
  /** One for each of the cells, with stress. */
  readonly results: readonly CalculationRun[];
  /** By which strains are turned; empty where all were calculated. */
  readonly rotations: readonly Matrix3[];
  /** How far a stress may be off the fitted line, relative to the largest. */
  readonly misfitMax: number;
}

/** The tensor of measured stresses, or why they give none. */
export function fittedTensor({ equilibrium, cells, results, rotations, misfitMax }: MeasuredCells): NextStep {
  const measured = results.map(({ stress }, i) => ({ gradient: cells[i]!.gradient, cauchy: stressMatrix(stress!) }));
  const states = strainStates(measured, rotations, { wholeOrbits: true });
  const { stiffness, misfit } = fitStiffness(strainRays(states), stressMatrix(equilibrium.stress!));
  const failed = (reason: string): NextStep => ({ kind: 'failed', reason, retry: 'never' });
  if (!(misfit <= misfitMax)) {
    const off = `a stress is off the fitted line by ${Math.round(100 * misfit)} % of the largest`;
    return failed(
      `${off}, more than ${100 * misfitMax} %: the strained cells are of another phase, or the cut-offs too low`,
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
      deformations: cells.map(({ name, gradient }, i) => ({ gradient, stress: results[i]!.stress!, provenance: name })),
    },
  };
}
