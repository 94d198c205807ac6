import type { ContentHash } from '../model/content-hash.ts';
import type { Deformation } from '../model/deformation.ts';
import type { LabelMethod } from '../model/label.ts';
import type { MaterialId } from '../model/material-id.ts';
import type { MeasuredValues } from '../model/target.ts';

/** One attempt at a calculation. The same id and attempt are the same job, however often it is asked for. */
export interface CalculationJob {
  readonly calculationId: ContentHash;
  /** From 1. */
  readonly attempt: number;
  readonly materialId: MaterialId;
  readonly materialHash: ContentHash;
  /** JSON: what to calculate, and how. */
  readonly recipe: string;
}

/** Its values are as the code reports them; whoever takes them in checks them. */
interface CompletedCalculation extends MeasuredValues {
  readonly outcome: 'completed';
  readonly method: LabelMethod;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor?: Float64Array;
  /** What the values were fitted to, or are to be. */
  readonly deformations?: readonly Deformation[];
}

export type CalculationResult = CompletedCalculation | { readonly outcome: 'failed'; readonly reason: string };

/** Runs calculations, wherever that is. */
export interface Calculator {
  /**
   * Starts the job, or finds the one that was started before, and resolves with what came of it. It may never resolve.
   * @throws AppError `interrupted` on abort, which ends the waiting and not the job; `unavailable` (retryable);
   *   `invalid_argument` for a recipe that is not one of its own
   */
  run(job: CalculationJob, signal: AbortSignal): Promise<CalculationResult>;
}
