import type { PseudopotentialFile } from '../../model/pseudopotential-file.ts';
import type { EspressoRecipe } from '../../model/recipe.ts';
import type { Structure } from '../../model/structure.ts';
import type { CalculationJob } from '../../ports/calculator.ts';
import type { EndedRun, NextStep, SimulationCode } from '../../ports/simulation-code.ts';
import { nextOf } from '../elastic/plan.ts';
import { elasticPlan } from './elastic-plan.ts';
import { chosenPseudopotentials } from './pseudopotentials.ts';
import { createPwRuns, type PwResources } from './pw-runs.ts';

export interface EspressoCodeOptions {
  /** @throws AppError `invalid_argument` for any other text */
  readonly parseRecipe: (recipe: string) => EspressoRecipe;
  /** The files of the user's folder. */
  readonly pseudopotentials: readonly PseudopotentialFile[];
  /** As messages name it. */
  readonly folder: string;
  readonly resources: PwResources;
}

/**
 * The elastic tensor of a crystal by Quantum ESPRESSO's pw.x: relaxes the cell, strains it, and fits.
 *
 * 1. What to run next follows from the recipe, the structure and the outputs so far, and from nothing else.
 * 2. A run counts only if it ended by itself, with converged electrons and a stress, of the cell that was asked for.
 * 3. Pseudopotentials are found by their content: a file of the same name with other numbers is not used.
 */
export function createEspressoCode(options: EspressoCodeOptions): SimulationCode {
  return {
    next(job: CalculationJob, structure: Structure, ended: readonly EndedRun[]): NextStep {
      const recipe = options.parseRecipe(job.recipe);
      const chosen = chosenPseudopotentials(structure, recipe, options);
      if (typeof chosen === 'string') return { kind: 'failed', reason: chosen, retry: 'never' };
      const runs = createPwRuns({ recipe, chosen, resources: options.resources, ended });
      return nextOf(elasticPlan(structure, recipe), runs);
    },
  };
}
