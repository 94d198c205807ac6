import type { ContentHash } from '../../model/content-hash.ts';
import { TARGETS, type Target } from '../../model/label.ts';
import type { Material } from '../../model/material.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { SimulatedRecipe } from '../../model/recipe.ts';
import type { CalculationJob, CalculationResult, Calculator } from '../../ports/calculator.ts';
import type { Clock } from '../../ports/clock.ts';
import { drawn, undergo } from './mishaps.ts';
import { parseSimulatedRecipe } from './parse-recipe.ts';
import { simulatedModuli, withinRange } from './simulated-moduli.ts';

export interface SimulationSources {
  readonly findMaterial: (materialId: MaterialId, materialHash: ContentHash) => Promise<Material | undefined>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** Instead of calculating, answers with `simulatedModuli`, so that a campaign can run on structures without labels. */
export function createSimulatedCalculator({ findMaterial, clock }: SimulationSources): Calculator {
  return {
    async run(job, signal) {
      const recipe = parseSimulatedRecipe(job.recipe);
      const failure = await undergo(job, recipe, clock, signal);
      return failure ?? simulated(job, recipe, await findMaterial(job.materialId, job.materialHash));
    },
  };
}

function simulated(
  { materialId, materialHash }: CalculationJob,
  { seed, noiseGpa = 0 }: SimulatedRecipe,
  material: Material | undefined,
): CalculationResult {
  if (material === undefined) {
    return {
      outcome: 'failed',
      reason: `the structure of ${materialId} (${materialHash}) is not known; ingest it first`,
    };
  }
  const moduli = simulatedModuli(material.structure);
  // Drawn by material version, not by attempt: whoever asks again must hear the same.
  const noise = (target: Target) => noiseGpa * (2 * drawn('simulated-noise', [seed, materialHash, target]) - 1);
  const values = Object.fromEntries(TARGETS.map((target) => [target, withinRange(moduli[target] + noise(target))]));
  return { outcome: 'completed', method: { kind: 'simulated' }, values };
}
