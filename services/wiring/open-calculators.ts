import { createCommandCode } from '../../src/adapters/calculators/command/command-code.ts';
import { openLauncher } from '../../src/adapters/calculators/launchers/open-launcher.ts';
import { createProgramCalculator } from '../../src/adapters/calculators/programs/program-calculator.ts';
import { createProgramRuns } from '../../src/adapters/calculators/programs/program-runs.ts';
import { createRecipeCalculator } from '../../src/adapters/calculators/recipe-calculator.ts';
import { createReplayCalculator } from '../../src/adapters/calculators/replay-calculator.ts';
import { createSimulatedCalculator } from '../../src/adapters/calculators/simulated-calculator.ts';
import { packageVersion } from '../../src/adapters/in-process/package-version.ts';
import type { Calculator } from '../../src/ports/calculator.ts';
import { createLogLookup } from '../../src/reading/log-lookup.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { openEspresso } from './open-espresso.ts';

/** Which programs campaigns may start through this process, and where these run. */
export interface ProgramOptions {
  /** Folder in which relative run folders lie; absolute. */
  readonly base: string;
  /** Programs as campaigns name them; `any` for a campaign file of whoever runs it. */
  readonly allowed: readonly string[] | 'any';
  /** Name of this process. */
  readonly node: string;
  readonly onTrouble: (text: string) => void;
}

/**
 * Opens all calculators. A log may hold campaigns of all kinds, and a calculation service receives the calculations of
 * all of them.
 */
export function openCalculators(
  { clock, log, topics }: Pick<ServicePorts, 'clock' | 'log' | 'topics'>,
  programs: ProgramOptions,
): Calculator {
  const { labelsOf: knownLabels, materialVersion: findMaterial } = createLogLookup(log, topics);
  const runs = createProgramRuns({
    ...{ ...programs, clock, version: packageVersion() },
    openLauncher: (settings) => openLauncher(settings, clock),
  });
  return createRecipeCalculator({
    replay: createReplayCalculator({ knownLabels, clock }),
    simulated: createSimulatedCalculator({ findMaterial, clock }),
    command: createProgramCalculator({ code: createCommandCode(), findMaterial, runs }),
    espresso: openEspresso({ findMaterial, runs }),
  });
}
