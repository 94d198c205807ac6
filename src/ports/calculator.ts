import type { ContentHash } from '../model/content-hash.ts';
import type { Deformation } from '../model/deformation.ts';
import type { RetryClass } from '../model/execution.ts';
import type { LabelMethod } from '../model/label.ts';
import type { MaterialId } from '../model/material-id.ts';
import type { MeasuredValues } from '../model/target.ts';

/** One attempt at a calculation. The same id and attempt are the same job, however often it is requested. */
export interface CalculationJob {
  readonly calculationId: ContentHash;
  /** Counted from 1. */
  readonly attempt: number;
  readonly materialId: MaterialId;
  readonly materialHash: ContentHash;
  /** JSON: what to calculate and how. */
  readonly recipe: string;
  /** JSON of an Execution: how the recipe's programs are run; absent where it runs none. */
  readonly execution?: string;
  /** What the failed attempts before this one said of another; absent where there are none. */
  readonly retries?: readonly RetryClass[];
}

/** Its values are as the code reports them; the receiver checks them. */
interface CompletedCalculation extends MeasuredValues {
  readonly outcome: 'completed';
  readonly method: LabelMethod;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor?: Float64Array;
  /** The strained cells that the calculation ran, if it did. */
  readonly deformations?: readonly Deformation[];
  /** What its programs have used; absent where it is not known. */
  readonly coreSeconds?: number;
}

export type CalculationResult =
  | CompletedCalculation
  | {
      readonly outcome: 'failed';
      readonly reason: string;
      /** Whether another attempt can help; absent: it can. */
      readonly retry?: RetryClass;
      readonly coreSeconds?: number;
    };

/** Runs calculations, on this machine or elsewhere. */
export interface Calculator {
  /**
   * Starts the job, or finds the one that was started before, and resolves with its result. It may never resolve.
   * @throws AppError `interrupted` on abort, which ends the waiting but not the job; `unavailable` (retryable);
   *   `invalid_argument` for a recipe that this calculator does not know
   */
  run(job: CalculationJob, signal: AbortSignal): Promise<CalculationResult>;
}
