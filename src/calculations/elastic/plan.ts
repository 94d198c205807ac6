import type { CalculationRun } from '../../model/calculation-run.ts';
import type { NextStep, ProgramRun } from '../../ports/simulation-code.ts';

/** A calculation as a coroutine: it asks for the runs of some cells at a time, and is given what they gave. */
export type Plan<Task, T> = Generator<readonly Task[], T, readonly CalculationRun[]>;

/** Of a task: a run where one is lacking, its result, or that the calculation has failed. */
export type TaskOutcome = ProgramRun | CalculationRun | Extract<NextStep, { kind: 'failed' }>;

/** Where a plan stands when all that has ended is told to it. */
export function nextOf<Task>(plan: Plan<Task, NextStep>, outcomeOf: (task: Task) => TaskOutcome): NextStep {
  let step = plan.next([]);
  while (!step.done) {
    const results: CalculationRun[] = [];
    const runs: ProgramRun[] = [];
    for (const task of step.value) {
      const outcome = outcomeOf(task);
      if ('kind' in outcome) return outcome;
      if ('argv' in outcome) runs.push(outcome);
      else results.push(outcome);
    }
    if (runs.length > 0) return { kind: 'runs', runs };
    step = plan.next(results);
  }
  return step.value;
}
