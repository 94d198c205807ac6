import { setMaxListeners } from 'node:events';
import { AppError } from '../../../model/app-error.ts';
import type { ContentHash } from '../../../model/content-hash.ts';
import type { Material } from '../../../model/material.ts';
import type { MaterialId } from '../../../model/material-id.ts';
import type { CalculationResult, Calculator } from '../../../ports/calculator.ts';
import type { EndedRun, SimulationCode } from '../../../ports/simulation-code.ts';
import { parseExecution } from './parse-execution.ts';
import type { ProgramRuns } from './program-runs.ts';

export interface ProgramCalculatorParts {
  readonly code: SimulationCode;
  readonly findMaterial: (materialId: MaterialId, materialHash: ContentHash) => Promise<Material | undefined>;
  readonly runs: ProgramRuns;
}

/** Follows a simulation code from step to step, each run in a folder of its own. */
export function createProgramCalculator({ code, findMaterial, runs }: ProgramCalculatorParts): Calculator {
  return {
    async run(job, signal) {
      const execution = parseExecution(job.execution);
      const material = await findMaterial(job.materialId, job.materialHash);
      if (material === undefined) {
        const reason = `the structure of ${job.materialId} (${job.materialHash}) is not known: ingest it first`;
        return { outcome: 'failed', reason, retry: 'never' };
      }
      const attempt = await runs.open(job, execution);
      if (typeof attempt === 'string') return { outcome: 'failed', reason: attempt, retry: 'never' };
      setMaxListeners(0, signal);
      const ended = new Map<string, EndedRun>();
      for (;;) {
        const step = code.next(job, material.structure, [...ended.values()]);
        if (step.kind !== 'runs') return attempt.conclude(resultOf(step));
        const next = step.runs.filter(({ name }) => !ended.has(name));
        if (next.length === 0) throw new AppError('internal', `${job.calculationId} asks for runs that have ended`);
        for (const run of await Promise.all(next.map((one) => attempt.execute(one, signal)))) ended.set(run.name, run);
      }
    },
  };
}

function resultOf(step: Exclude<ReturnType<SimulationCode['next']>, { readonly kind: 'runs' }>): CalculationResult {
  return step.kind === 'completed' ? step.result : { outcome: 'failed', reason: step.reason, retry: step.retry };
}
