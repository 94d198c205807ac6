import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCommandCode } from '../../src/adapters/calculators/command/command-code.ts';
import { openLauncher } from '../../src/adapters/calculators/launchers/open-launcher.ts';
import { createProgramCalculator } from '../../src/adapters/calculators/programs/program-calculator.ts';
import { createProgramRuns, type ProgramRunsParts } from '../../src/adapters/calculators/programs/program-runs.ts';
import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import { contentHash } from '../../src/model/content-hash.ts';
import { type Execution, executionText } from '../../src/model/execution.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { recipeText } from '../../src/model/recipe.ts';
import type { Structure } from '../../src/model/structure.ts';
import type { CalculationJob, Calculator } from '../../src/ports/calculator.ts';
import { CRYSTALS } from './crystals.ts';

export interface ProgramPlace {
  readonly folder: string;
  readonly troubles: string[];
  /** Another one is another process: it knows nothing of what this one has started. */
  calculator(parts?: Partial<ProgramRunsParts>, of?: Structure): Calculator;
  /** A program of shell lines. @returns its path */
  program(lines: string): string;
  job(argv: readonly string[], change?: Partial<Execution>, id?: string): CalculationJob;
  remove(): void;
}

/** A folder in which programs run on this machine. */
export function programPlace(): ProgramPlace {
  const folder = mkdtempSync(join(tmpdir(), 'elastream programs '));
  const troubles: string[] = [];
  const { structure } = CRYSTALS.diamond!;
  let programs = 0;
  return {
    ...{ folder, troubles },
    calculator(parts = {}, of = structure) {
      const runs = createProgramRuns({
        ...{ clock: systemClock, base: folder, allowed: 'any', version: 'test', node: 'here' },
        openLauncher: (settings) => openLauncher(settings, systemClock),
        onTrouble: (text) => troubles.push(text),
        ...parts,
      });
      const findMaterial = async (id: CalculationJob['materialId']) => ({ id, structure: of });
      return createProgramCalculator({ code: createCommandCode(), findMaterial, runs });
    },
    program(lines) {
      const path = join(folder, `program-${++programs}.sh`);
      writeFileSync(path, `#!/bin/sh\n${lines}\n`);
      chmodSync(path, 0o755);
      return path;
    },
    job(argv, change = {}, id = 'm-1') {
      const recipe = recipeText({ kind: 'command', argv, structure: 'poscar', method: { kind: 'dft', code: 'sh 1' } });
      const limits = { cores: 1, memoryMiB: 500, minutes: 1 };
      const execution = { campaign: 'c', launcher: { kind: 'local', parallel: 4 } as const, ...limits, ...change };
      return {
        calculationId: contentHash('calculation', [id, recipe]),
        attempt: 1,
        materialId: parseMaterialId(id),
        materialHash: materialHash({ id: parseMaterialId(id), structure }),
        recipe,
        execution: executionText(execution),
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
