import type { MaterialId } from '../../model/material-id.ts';

/** The prediction for a candidate: mean and population STDEV over the members, in the order of the targets. */
export interface PredictedCandidate {
  readonly id: MaterialId;
  readonly mean: ArrayLike<number>;
  readonly standardDeviation: ArrayLike<number>;
}

/** A candidate as its partition offers it. */
export interface OfferedCandidate extends PredictedCandidate {
  /** The population STDEV over the members of sum over targets of coefficient * prediction. */
  readonly spreadOf: (coefficients: ArrayLike<number>) => number;
  /** The number of members. */
  readonly members: number;
  /** What a member predicts, in the order of the targets. */
  readonly predictedBy: (member: number) => ArrayLike<number>;
}

/** What a round's scores are relative to; frozen with the round. */
export interface AcquisitionContext {
  readonly seed: number;
  readonly round: number;
  /** Per target; 1 each unless the campaign says otherwise. */
  readonly weights: ArrayLike<number>;
  /** Mean and population STDEV of the snapshot's labels outside the test set, per target, in its unit. */
  readonly labelMean: ArrayLike<number>;
  readonly labelStandardDeviation: ArrayLike<number>;
  /** These labels' values: Float64Array[labels * targets], label by label, NaN where not known. */
  readonly labelled: { readonly targets: number; readonly values: Float64Array };
}
