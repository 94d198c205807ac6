import { writeCif } from '../../../formats/cif/write-cif.ts';
import { writePymatgen } from '../../../formats/json/write-pymatgen.ts';
import { writePoscar } from '../../../formats/poscar/write-poscar.ts';
import { compositionOf, reducedFormula } from '../../../model/composition.ts';
import type { CommandRecipe } from '../../../model/recipe.ts';
import type { Structure } from '../../../model/structure.ts';
import type { CalculationJob } from '../../../ports/calculator.ts';
import type { EndedRun, NextStep, ProgramRun, RetryClass, SimulationCode } from '../../../ports/simulation-code.ts';
import { parseCommandRecipe } from '../parse-recipe.ts';
import { parseExecution } from '../programs/parse-execution.ts';
import { commandOutcome, RESULT_FILE } from './command-outcome.ts';

const RUN = 'run';

const STRUCTURES = {
  poscar: { file: 'POSCAR', write: writePoscar },
  cif: { file: 'structure.cif', write: writeCif },
  json: { file: 'structure.json', write: writePymatgen },
} as const satisfies Record<
  CommandRecipe['structure'],
  { file: string; write: (structure: Structure, name: string) => string }
>;

/**
 * Any program as a simulation code: it reads the structure from a file of its folder, and writes `result.json` or
 * prints the same. It runs once; what it says decides.
 */
export function createCommandCode(): SimulationCode {
  return {
    next(job, structure, ended) {
      const recipe = parseCommandRecipe(job.recipe);
      const run = ended.find(({ name }) => name === RUN);
      if (run === undefined) return { kind: 'runs', runs: [commandRun(job, recipe, structure)] };
      return outcomeOf(job, recipe, run);
    },
  };
}

function commandRun(job: CalculationJob, { argv, structure: format }: CommandRecipe, structure: Structure): ProgramRun {
  const { cores, memoryMiB, minutes } = parseExecution(job.execution);
  const { file, write } = STRUCTURES[format];
  const values: Readonly<Record<string, string>> = {
    structure: file,
    material: job.materialId,
    formula: reducedFormula(compositionOf(structure)),
    cores: String(cores),
    attempt: String(job.attempt),
  };
  return {
    name: RUN,
    files: { [file]: write(structure, job.materialId) },
    // Each stays one argument, whatever an id holds.
    argv: argv.map((argument) => argument.replace(/\{(\w+)\}/g, (text, name: string) => values[name] ?? text)),
    outputs: [RESULT_FILE],
    ...{ cores, memoryMiB, minutes },
  };
}

function outcomeOf(job: CalculationJob, { method, argv }: CommandRecipe, run: EndedRun): NextStep {
  const failed = (reason: string, retry: RetryClass): NextStep => ({
    ...{ kind: 'failed', reason, retry },
  });
  switch (run.ended) {
    case 'timed_out':
      return failed(`${argv[0]} did not end within its time limit: raise calculator.minutes`, 'more_time');
    case 'out_of_memory':
      return failed(`${argv[0]} took more than its memory: raise calculator.memory_mib`, 'more_memory');
    case 'killed':
    case 'lost':
      return failed(`${argv[0]} was ${run.ended}${run.note === undefined ? '' : `: ${run.note}`}`, 'retry');
    case 'exited':
      return commandOutcome(run, { method, materialId: job.materialId, program: argv[0]! });
  }
}
