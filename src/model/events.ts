import type { ContentHash } from './content-hash.ts';
import type { Deformation } from './deformation.ts';
import type { FidelityValues, Label, LabelMethod } from './label.ts';
import type { Material } from './material.ts';
import type { MaterialFacts } from './material-facts.ts';
import type { MaterialId } from './material-id.ts';
import type { Rejection } from './rejection.ts';
import type { MeasuredValues, Target } from './target.ts';

/*
 * The events by which the services communicate through the log; the campaign's own stream is in
 * learning/campaign/campaign-events.ts. Facts are in the past tense; TrainMember and CalculationRequested are commands.
 * Ids and hashes identify each event, so that a second delivery changes nothing.
 */

/** In `materials`: a structure of a source. */
export interface MaterialIngested {
  readonly type: 'MaterialIngested';
  /** The id of a MaterialSource. */
  readonly source: string;
  readonly material: Material;
  readonly materialHash: ContentHash;
}

/** In `labels`: a label of a source or of a calculation. */
export interface LabelIngested {
  readonly type: 'LabelIngested';
  /** The id of a MaterialSource, or `campaign:NAME` if the label comes from a calculation. */
  readonly source: string;
  readonly label: Label;
}

/**
 * A watermark in `materials`, `labels`, `features` and `examples`: everything that the source contributes to this
 * partition of this topic precedes it. It is written to every partition, even to an empty one.
 */
export interface SourcePartitionCompleted {
  readonly type: 'SourcePartitionCompleted';
  readonly source: string;
  readonly partition: number;
  /**
   * The number of the source's materials in this partition and the hash of the set of their hashes; both are the same
   * in all four topics.
   */
  readonly count: number;
  readonly hash: ContentHash;
}

/** In `features.<schema>`: the feature vector of a material version. */
export interface StructureFeaturized {
  readonly type: 'StructureFeaturized';
  readonly source: string;
  readonly facts: MaterialFacts;
  readonly featuresHash: ContentHash;
  /** Float64Array[281 or 358], as the topic's feature schema says; NaN for unknown features. */
  readonly vector: Float64Array;
  /** Values of the material by other methods. */
  readonly fidelities?: readonly FidelityValues[];
}

/** In `examples`: a label with the features of the material version to which it belongs. */
export interface ExampleFormed {
  readonly type: 'ExampleFormed';
  /** The source of the label. */
  readonly source: string;
  /** The label without its tensor. */
  readonly label: Label;
  readonly facts: MaterialFacts;
  readonly featuresHash: ContentHash;
  readonly vector: Float64Array;
  /** Schema of the vector; absent in events of older versions. */
  readonly featureSchema?: string;
  /** As in StructureFeaturized. */
  readonly fidelities?: readonly FidelityValues[];
}

/** In `training`: a command to train one member. */
export interface TrainMember {
  readonly type: 'TrainMember';
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly member: number;
  /** How many times the campaign had been parked before. */
  readonly parkings: number;
}

/** In `members`: a failure that no retry can cure prevented the training of a member. */
export interface MemberFailed {
  readonly type: 'MemberFailed';
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly member: number;
  /** The `parkings` of the command. */
  readonly parkings: number;
  /** A text for people. */
  readonly reason: string;
}

/** A member's model of one target. */
export interface TrainedTarget {
  readonly target: Target;
  /** The name of the model in the model store: 64 hexadecimal digits. */
  readonly model: string;
  readonly treesHash: ContentHash;
  readonly trainingRows: number;
  /** Errors over the held-out rows, in the target's unit; NaN without held-out rows. */
  readonly heldOut: { readonly mae: number; readonly rmse: number; readonly r2: number };
  /** Int32Array[n]: indices in the snapshot's training labels, ascending: the target is known, but not trained on. */
  readonly heldOutRows: Int32Array;
  /** Float64Array[n], in the target's unit. */
  readonly heldOutPredictions: Float64Array;
}

/** In `members`. The first event for a snapshot and member determines the model. */
export interface MemberTrained {
  readonly type: 'MemberTrained';
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly member: number;
  /** Hash of the trees sections of the member's boosters. */
  readonly modelHash: ContentHash;
  readonly targets: readonly TrainedTarget[];
  /** Architecture, Node major, LightGBM hash, code version. */
  readonly engine: string;
  /** Wall time; not part of the model. */
  readonly seconds: number;
}

/**
 * In `members`: the result store holds this partition of the round. It is a hint for other nodes: a process killed
 * after storing may not write it, so a starting node asks the store itself.
 */
export interface PredictionsStored {
  readonly type: 'PredictionsStored';
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly partition: number;
}

/** In `calculations`: a command to run one calculation. */
export interface CalculationRequested {
  readonly type: 'CalculationRequested';
  /** The hash of material version and recipe: campaigns that request the same calculation share it. */
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  readonly materialHash: ContentHash;
  /** JSON with sorted keys: what to calculate and how. */
  readonly recipe: string;
  readonly attemptsMax: number;
  /** The label set to which the label will belong. */
  readonly labelSet: string;
  /** How many times the campaign had been parked before: a later request starts a halted calculation again. */
  readonly parkings: number;
  /** JSON of an Execution; absent where the recipe runs no programs. */
  readonly execution?: string;
}

/** In `calculations`: a failure that no retry can cure prevents the calculation until it is requested again. */
export interface CalculationHalted {
  readonly type: 'CalculationHalted';
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  /** The `parkings` of the request. */
  readonly parkings: number;
  /** A text for people. */
  readonly reason: string;
}

/** In `calculations`: one attempt failed. */
export interface CalculationAttemptFailed {
  readonly type: 'CalculationAttemptFailed';
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  /** Counted from 1. */
  readonly attempt: number;
  readonly reason: string;
  /** A RetryClass, or a word of a newer version; absent in logs of versions that knew none. */
  readonly retry?: string;
  /** What its programs have used; absent where it is not known. */
  readonly coreSeconds?: number;
}

/** In `calculations`: no further attempt follows. */
export interface CalculationAbandoned {
  readonly type: 'CalculationAbandoned';
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  readonly attempts: number;
  readonly reason: string;
}

/** In `results`: the unchecked output of a calculation. Its values may contain NaN and nonsense. */
export interface ResultReceived extends MeasuredValues {
  readonly type: 'ResultReceived';
  readonly calculationId: ContentHash;
  readonly attempt: number;
  readonly materialId: MaterialId;
  readonly materialHash: ContentHash;
  readonly labelSet: string;
  readonly method: LabelMethod;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor?: Float64Array;
  /** In any order. */
  readonly deformations?: readonly Deformation[];
  /** What its programs have used; absent where it is not known. */
  readonly coreSeconds?: number;
}

/** In `rejections`: a rejected input or result. */
export interface InputRejected {
  readonly type: 'InputRejected';
  /** The hash of source, locator and input: it stays the same however often the input is rejected. */
  readonly id: ContentHash;
  readonly rejection: Rejection;
  /** Present if the rejected input is the result of a calculation. */
  readonly calculationId?: ContentHash;
}

export type ServiceEvent =
  | MaterialIngested
  | LabelIngested
  | SourcePartitionCompleted
  | StructureFeaturized
  | ExampleFormed
  | TrainMember
  | MemberTrained
  | MemberFailed
  | PredictionsStored
  | CalculationRequested
  | CalculationHalted
  | CalculationAttemptFailed
  | CalculationAbandoned
  | ResultReceived
  | InputRejected;
