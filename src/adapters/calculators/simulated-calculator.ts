import type { ContentHash } from '../../model/content-hash.ts';
import type { Material } from '../../model/material.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { CalculationJob, CalculationResult, Calculator } from '../../ports/calculator.ts';
import type { Clock } from '../../ports/clock.ts';
import { undergo } from './mishaps.ts';
import { parseSimulatedRecipe } from './parse-recipe.ts';
import { simulatedModuli } from './simulated-moduli.ts';

export interface SimulationSources {
  readonly findMaterial: (materialId: MaterialId, materialHash: ContentHash) => Promise<Material | undefined>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/**
 * Creates a calculator that answers with `simulatedModuli` instead of calculating, so that a campaign can run on
 * structures without labels.
 */
export function createSimulatedCalculator({ findMaterial, clock }: SimulationSources): Calculator {
  return {
    async run(job, signal) {
      const failure = await undergo(job, parseSimulatedRecipe(job.recipe), clock, signal);
      return failure ?? simulated(job, await findMaterial(job.materialId, job.materialHash));
    },
  };
}

function simulated({ materialId, materialHash }: CalculationJob, material: Material | undefined): CalculationResult {
  if (material === undefined) {
    return {
      outcome: 'failed',
      reason: `the structure of ${materialId} (${materialHash}) is not known; ingest it first`,
    };
  }
  return { outcome: 'completed', method: { kind: 'simulated' }, values: simulatedModuli(material.structure) };
}
