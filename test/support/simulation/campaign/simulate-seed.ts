import { drawPlan } from './campaign-plan.ts';
import { runCalm, runRough } from './campaign-run.ts';
import { brokenGuarantees } from './guarantee-checks.ts';
import type { Stage } from './stage.ts';

export interface SeedReport {
  readonly seed: number;
  readonly rough: Stage;
  readonly reference: Stage;
  /** Nothing where all is well. */
  readonly broken: readonly string[];
}

/** Runs the campaigns of a seed in peace and with faults, and compares. */
export async function simulateSeed(seed: number): Promise<SeedReport> {
  const plan = drawPlan(seed);
  const reference = await runCalm(plan);
  const inPeace = [...reference.violations, ...reference.failures].map((line) => `in peace: ${line}`);
  if (inPeace.length > 0) return { seed, rough: reference, reference, broken: inPeace };
  const rough = await runRough(plan);
  return { seed, rough, reference, broken: brokenGuarantees(rough, reference) };
}
