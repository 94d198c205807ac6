import { type PwInput, writePwInput } from '../../formats/espresso/pw-input.ts';
import type { CalculationRun } from '../../model/calculation-run.ts';
import type { EspressoRecipe } from '../../model/recipe.ts';
import type { Structure } from '../../model/structure.ts';
import type { EndedRun, NextStep, ProgramRun } from '../../ports/simulation-code.ts';
import type { ChosenPseudopotentials } from './pseudopotentials.ts';
import { pwOutcome } from './pw-outcome.ts';
import { MIXINGS } from './pw-remedies.ts';

/** One cell whose stress is wanted. */
export interface PwTask {
  readonly name: string;
  readonly structure: Structure;
  readonly calculation: PwInput['calculation'];
  readonly mesh: readonly number[];
}

/** What a run may take; nothing here changes a number. */
export interface PwResources {
  /** The program and what stands before it: `['pw.x']`, `['mpirun', '-np', '4', 'pw.x']`. */
  readonly program: readonly string[];
  readonly cores: number;
  readonly memoryMiB: number;
  readonly minutes: number;
}

/** The ultrasoft density has sharper features than the square of smooth wave functions. */
const DENSITY_RATIO = { normConserving: 4, augmented: 8 };
/** pw.x stops by itself at this part of the time, so that it can say so. */
const TIME_SHARE = 0.95;

interface PwRunsOptions {
  readonly recipe: EspressoRecipe;
  readonly chosen: ChosenPseudopotentials;
  readonly resources: PwResources;
  readonly ended: readonly EndedRun[];
}

/** Finds what tasks gave among the runs that have ended, or says which runs they still need. */
export function createPwRuns({ recipe, chosen, resources, ended }: PwRunsOptions) {
  const files = Object.values(chosen);
  const cutoffRy = Math.max(...files.map(({ element }) => cutoffOf(recipe, element)));
  const ratio = files.some(({ isAugmented }) => isAugmented) ? DENSITY_RATIO.augmented : DENSITY_RATIO.normConserving;
  const byName = new Map(ended.map((run) => [run.name, run]));

  function programRun(task: PwTask, row: number): ProgramRun {
    const input = writePwInput({
      ...task,
      pseudopotentials: Object.fromEntries(files.map(({ element, name }) => [element, name])),
      cutoffRy,
      densityCutoffRy: ratio * cutoffRy,
      smearingRy: recipe.smearingRy,
      mixing: MIXINGS[row]!,
      secondsMax: Math.floor(TIME_SHARE * 60 * resources.minutes),
    });
    return {
      name: runName(task, row),
      files: { 'pw.in': input },
      links: Object.fromEntries(files.map(({ name, path }) => [name, path])),
      argv: [...resources.program, '-in', 'pw.in'],
      outputs: ['stdout.txt', 'CRASH'],
      cores: resources.cores,
      memoryMiB: resources.memoryMiB,
      minutes: resources.minutes,
    };
  }

  /** A run, where one is lacking; its result; or that the calculation has failed. */
  function taskOutcome(task: PwTask): ProgramRun | CalculationRun | NextStep {
    for (let row = 0; row < MIXINGS.length; row++) {
      const run = byName.get(runName(task, row));
      if (run === undefined) return programRun(task, row);
      const outcome = pwOutcome(run, task.structure);
      if ('run' in outcome) return outcome.run;
      const isLast = row === MIXINGS.length - 1;
      if (outcome.retry !== 'other_mixing') return { kind: 'failed', reason: outcome.reason, retry: outcome.retry };
      if (isLast) return { kind: 'failed', reason: `${outcome.reason}, with any mixing tried`, retry: 'never' };
    }
    throw new Error('unreachable: the last row returns');
  }

  return {
    /** What all tasks gave, in their order; or the next step of the calculation. */
    outcome(tasks: readonly PwTask[]): NextStep | { readonly results: readonly CalculationRun[] } {
      const results: CalculationRun[] = [];
      const runs: ProgramRun[] = [];
      for (const task of tasks) {
        const outcome = taskOutcome(task);
        if ('kind' in outcome) return outcome;
        if ('argv' in outcome) runs.push(outcome);
        else results.push(outcome);
      }
      return runs.length > 0 ? { kind: 'runs', runs } : { results };
    },
  };
}

function runName({ name }: PwTask, row: number): string {
  return row === 0 ? name : `${name}-mixing-${row + 1}`;
}

function cutoffOf({ cutoffRy }: EspressoRecipe, element: string): number {
  return typeof cutoffRy === 'number' ? cutoffRy : (cutoffRy[element] ?? 0);
}
