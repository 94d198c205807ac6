import { AppError } from '../../src/model/app-error.ts';
import type { CalculationAttemptFailed, CalculationHalted, ResultReceived } from '../../src/model/events.ts';
import { isForPeople } from '../../src/model/recipe.ts';
import type { CalculationJob, CalculationResult, Calculator } from '../../src/ports/calculator.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';
import { persisting } from '../../src/runtime/retry.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { spanned } from '../../src/runtime/spanned.ts';
import type { Calculation } from './open-calculations.ts';

export interface AttemptOptions {
  readonly calculator: Calculator;
  /** Called with the reason why calculations wait, once for all calculations of a recipe. */
  readonly onWaiting?: (why: string) => void;
}

/** The attempts of one calculation. Its invariants are those of calculation.ts. */
export interface CalculationAttempts {
  /** Makes the remaining attempts and appends the outcome to the log. @throws errors that no retry cures */
  run(calculation: Calculation, signal: AbortSignal): Promise<void>;
  /** Appends to the log why the calculation cannot be done. */
  halt(calculation: Calculation, error: unknown, signal: AbortSignal): Promise<void>;
}

/** A reason must fit in an event, whatever text it quotes. */
const REASON_CHARACTERS_MAX = 1000;

export function createCalculationAttempts(
  ports: ServicePorts,
  publisher: Publisher,
  { calculator, onWaiting }: AttemptOptions,
): CalculationAttempts {
  const unfollowed = new Set<string>();

  function publish(publication: Publication, signal: AbortSignal): Promise<void> {
    return persisting({ ...ports, signal }, () => publisher.publish([publication]));
  }

  /** Returns undefined if no calculator of this process can follow the recipe. */
  async function resultOf(job: CalculationJob, signal: AbortSignal): Promise<CalculationResult | undefined> {
    try {
      const span = {
        name: 'calculate',
        attributes: { 'elastream.calculation': job.calculationId, 'elastream.attempt': job.attempt },
      };
      const attempt = () => persisting({ ...ports, signal }, () => calculator.run(job, signal));
      return await spanned(ports.telemetry, span, attempt);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'invalid_argument')) throw error;
      tellOfWaiting(job, error); // 4
      return undefined;
    }
  }

  function tellOfWaiting({ recipe, calculationId }: CalculationJob, error: AppError): void {
    if (unfollowed.has(recipe)) return;
    unfollowed.add(recipe);
    ports.telemetry?.log('error', 'calculations wait: no calculator here can do them', { calculationId, err: error });
    onWaiting?.(error.message);
  }

  return {
    async run(calculation, signal) {
      const { calculationId, materialId, materialHash, recipe, labelSet, attemptsMax, execution } = calculation.request;
      while (calculation.attemptsFailed < attemptsMax && calculation.retries.at(-1) !== 'never') {
        if (isForPeople(recipe)) return; // 6
        const attempt = calculation.attemptsFailed + 1;
        const job: CalculationJob = {
          ...{ calculationId, attempt, materialId, materialHash, recipe },
          ...(execution !== undefined && { execution }),
          ...(calculation.retries.length > 0 && { retries: [...calculation.retries] }),
        };
        const result = await resultOf(job, signal);
        if (signal.aborted || result === undefined) return;
        if (result.outcome === 'completed') {
          const { method, values, units, tensor, deformations, coreSeconds } = result;
          const received: ResultReceived = {
            type: 'ResultReceived',
            calculationId,
            attempt,
            materialId,
            materialHash,
            labelSet,
            method,
            values,
            ...(units && { units }),
            ...(tensor && { tensor }),
            ...(deformations && { deformations }),
            ...(coreSeconds !== undefined && { coreSeconds }),
          };
          await publish({ event: received }, signal);
          calculation.done = true; // 3
          return;
        }
        const { reason, retry, coreSeconds } = result;
        const failed: CalculationAttemptFailed = {
          ...{ type: 'CalculationAttemptFailed', calculationId, materialId, attempt, reason },
          ...(retry && { retry }),
          ...(coreSeconds !== undefined && { coreSeconds }),
        };
        await publish({ event: failed }, signal);
        // The partition's next owner continues from what is in the log.
        if (signal.aborted) return;
        if (calculation.attemptsFailed >= attempt) continue; // The event has been read meanwhile.
        Object.assign(calculation, { attemptsFailed: attempt, reason });
        calculation.retries.push(retry ?? 'retry');
      }
      const { attemptsFailed: attempts, reason } = calculation;
      await publish({ event: { type: 'CalculationAbandoned', calculationId, materialId, attempts, reason } }, signal);
      calculation.done = true; // 3
    },
    async halt({ request: { calculationId, materialId, parkings } }, error, signal) {
      ports.telemetry?.log('error', 'a calculation cannot be done', { calculationId, materialId, err: error });
      const said = `the calculation of ${materialId} cannot be done: ${(error as Error).message}`;
      const reason = said.slice(0, REASON_CHARACTERS_MAX).toWellFormed();
      const halted: CalculationHalted = { type: 'CalculationHalted', calculationId, materialId, parkings, reason };
      await publish({ event: halted }, signal);
    },
  };
}
