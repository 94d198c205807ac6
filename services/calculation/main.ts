import { openCalculators } from '../wiring/open-calculators.ts';
import { runService } from '../wiring/run-service.ts';
import { startCalculation } from './calculation.ts';

await runService({
  name: 'calculation',
  summary:
    'Runs the calculations that campaigns ask for: replays of known labels, and simulated ones; leaves others to people.',
  groups: ({ calculations }) => ({ calculation: [calculations.name] }),
  start: ({ ports }) => startCalculation(ports, { calculator: openCalculators(ports) }),
});
