import { createPseudopotentialFolder } from '../../src/adapters/calculators/espresso/pseudopotential-folder.ts';
import { parseEspressoRecipe } from '../../src/adapters/calculators/parse-recipe.ts';
import { parseExecution } from '../../src/adapters/calculators/programs/parse-execution.ts';
import {
  createProgramCalculator,
  type ProgramCalculatorParts,
} from '../../src/adapters/calculators/programs/program-calculator.ts';
import { createEspressoCode } from '../../src/calculations/espresso/espresso-code.ts';
import type { Calculator } from '../../src/ports/calculator.ts';

/** Runs pw.x with the files of the folder that a calculation's execution names. */
export function openEspresso(parts: Omit<ProgramCalculatorParts, 'code'>): Calculator {
  const library = createPseudopotentialFolder();
  return {
    async run(job, signal) {
      const { folders = {}, program = ['pw.x'], cores, memoryMiB, minutes } = parseExecution(job.execution);
      const folder = folders.pseudopotentials ?? '';
      const code = createEspressoCode({
        parseRecipe: parseEspressoRecipe,
        pseudopotentials: await library.read(folder),
        folder,
        resources: { program, cores, memoryMiB, minutes },
      });
      return createProgramCalculator({ ...parts, code }).run(job, signal);
    },
  };
}
