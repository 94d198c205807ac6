import { type PwInput, writePwInput } from '../../formats/espresso/pw-input.ts';
import type { EspressoRecipe } from '../../model/recipe.ts';
import type { Structure } from '../../model/structure.ts';
import type { EndedRun, ProgramRun } from '../../ports/simulation-code.ts';
import type { TaskOutcome } from '../elastic/plan.ts';
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

/** Finds what a task gave among the runs that have ended, or says which run it still needs. */
export function createPwRuns({ recipe, chosen, resources, ended }: PwRunsOptions): (task: PwTask) => TaskOutcome {
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

  return (task) => {
    for (let row = 0; row < MIXINGS.length; row++) {
      const run = byName.get(runName(task, row));
      if (run === undefined) return programRun(task, row);
      const outcome = pwOutcome(run, task.structure);
      if ('run' in outcome) return outcome.run;
      const { reason, retry } = outcome;
      if (retry !== 'other_mixing') return { kind: 'failed', reason, retry };
    }
    const reason = `${task.name}: the electrons did not become self-consistent, or the ions did not settle, with any mixing of ${MIXINGS.length}`;
    return { kind: 'failed', reason, retry: 'never' };
  };
}

function runName({ name }: PwTask, row: number): string {
  return row === 0 ? name : `${name}-mixing-${row + 1}`;
}

function cutoffOf({ cutoffRy }: EspressoRecipe, element: string): number {
  return typeof cutoffRy === 'number' ? cutoffRy : (cutoffRy[element] ?? 0);
}
