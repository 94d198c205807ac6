import { AppError } from '../../model/app-error.ts';
import type { Recipe } from '../../model/recipe.ts';
import type { Calculator } from '../../ports/calculator.ts';

/** What people calculate is left to them. */
type ProgramKind = Exclude<Recipe['kind'], 'manual'>;

/** Runs each job with the calculator for its recipe's kind. Campaigns of all kinds share one service. */
export function createRecipeCalculator(byKind: Readonly<Partial<Record<ProgramKind, Calculator>>>): Calculator {
  return {
    async run(job, signal) {
      const kind = kindOf(job.recipe);
      const calculator = Object.hasOwn(byKind, kind) ? byKind[kind as ProgramKind] : undefined;
      if (calculator) return calculator.run(job, signal);
      const known = Object.keys(byKind).join(', ');
      throw new AppError(
        'invalid_argument',
        `no calculator here follows the recipe ${job.recipe}: its kind is none of ${known}; a newer elastream's may`,
      );
    },
  };
}

function kindOf(recipe: string): string {
  try {
    return String((JSON.parse(recipe) as { kind?: unknown } | null)?.kind);
  } catch {
    return 'no JSON';
  }
}
