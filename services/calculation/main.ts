import { createRecipeCalculator } from '../../src/adapters/calculators/recipe-calculator.ts';
import { createReplayCalculator } from '../../src/adapters/calculators/replay-calculator.ts';
import { createSimulatedCalculator } from '../../src/adapters/calculators/simulated-calculator.ts';
import { createLogLookup } from '../../src/runtime/log-lookup.ts';
import { runService } from '../wiring/run-service.ts';
import { startCalculation } from './calculation.ts';

await runService({
  name: 'calculation',
  summary: 'Runs the calculations that campaigns ask for: replays of known labels, and simulated ones.',
  groups: ({ calculations }) => ({ calculation: [calculations.name] }),
  start({ ports }) {
    const { clock, log, topics } = ports;
    const { labelsOf: knownLabels, materialVersion: findMaterial } = createLogLookup(log, topics);
    const calculator = createRecipeCalculator({
      replay: createReplayCalculator({ knownLabels, clock }),
      simulated: createSimulatedCalculator({ findMaterial, clock }),
    });
    return startCalculation(ports, calculator);
  },
});
