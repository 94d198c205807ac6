import type { ContentHash } from './content-hash.ts';
import type { ElasticRun } from './elastic-run.ts';
import type { LabelMethod } from './label.ts';
import type { RejectionCode } from './rejection.ts';
import type { MeasuredValues } from './target.ts';

/** A tensor that was fitted, and its averages. */
interface FittedLabel extends MeasuredValues {
  readonly method: LabelMethod;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor: Float64Array;
  readonly deformationsHash: ContentHash;
}

/** What became of the deformations of one relaxed cell. */
export interface CollectedTensor {
  /** Absent if no relaxation is there to which the deformations belong. */
  readonly parent?: ElasticRun;
  /** Ids, ascending. */
  readonly deformations: readonly string[];
  /** Present if they gave a tensor. */
  readonly label?: FittedLabel;
  /** Present if they are there and gave none. */
  readonly problem?: { readonly code: RejectionCode; readonly message: string };
  /** What was passed over, one sentence each. */
  readonly notes: readonly string[];
}

/** Gathers the runs of elastic workflows, which come one by one in any order, doubled or not. */
export interface TensorCollector {
  take(run: ElasticRun): void;
  /** Of the runs so far, by id of the relaxed cell; the same for any order of arrival. */
  outcomes(): CollectedTensor[];
}
