import { createRecipeCalculator } from '../../src/adapters/calculators/recipe-calculator.ts';
import { createReplayCalculator } from '../../src/adapters/calculators/replay-calculator.ts';
import { createSimulatedCalculator } from '../../src/adapters/calculators/simulated-calculator.ts';
import type { Calculator } from '../../src/ports/calculator.ts';
import { createLogLookup } from '../../src/reading/log-lookup.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';

/**
 * Opens all calculators. A log may hold campaigns of all kinds, and a calculation service receives the calculations of
 * all of them.
 */
export function openCalculators({ clock, log, topics }: Pick<ServicePorts, 'clock' | 'log' | 'topics'>): Calculator {
  const { labelsOf: knownLabels, materialVersion: findMaterial } = createLogLookup(log, topics);
  return createRecipeCalculator({
    replay: createReplayCalculator({ knownLabels, clock }),
    simulated: createSimulatedCalculator({ findMaterial, clock }),
  });
}
