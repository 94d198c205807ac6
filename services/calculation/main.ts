import { resolve } from 'node:path';
import { openCalculators } from '../wiring/open-calculators.ts';
import { runService } from '../wiring/run-service.ts';
import { startCalculation } from './calculation.ts';

await runService({
  name: 'calculation',
  summary:
    'Runs the calculations that campaigns ask for: replays, simulated ones, programs that it may start; leaves others to people.',
  groups: ({ calculations }) => ({ calculation: [calculations.name] }),
  start: ({ config, ports }) => {
    const { programs: allowed = [], run_dir: folder = 'runs' } = config;
    const onTrouble = (text: string) => ports.telemetry?.log('warn', text);
    const calculator = openCalculators(ports, { base: resolve(folder), allowed, node: config.node, onTrouble });
    return startCalculation(ports, { calculator });
  },
});
