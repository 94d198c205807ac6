import type { ContentHash } from './content-hash.ts';
import type { Deformation } from './deformation.ts';
import type { FidelityValues, Label, LabelMethod } from './label.ts';
import type { Material } from './material.ts';
import type { MaterialFacts } from './material-facts.ts';
import type { MaterialId } from './material-id.ts';
import type { Rejection } from './rejection.ts';
import type { MeasuredValues, Target } from './target.ts';

/*
 * What the services tell each other through the log, but for the campaign's own stream (learning/campaign/campaign-events.ts).
 * Facts are past tense, the commands TrainMember and CalculationRequested apart. Ids and hashes make each of them
 * recognisable, so that a second delivery changes nothing.
 */

/** In `materials`: a structure that a source holds. */
export interface MaterialIngested {
  readonly type: 'MaterialIngested';
  /** A MaterialSource's id. */
  readonly source: string;
  readonly material: Material;
  readonly materialHash: ContentHash;
}

/** In `labels`. */
export interface LabelIngested {
  readonly type: 'LabelIngested';
  /** A MaterialSource's id, or `campaign:NAME` where a calculation gave it. */
  readonly source: string;
  readonly label: Label;
}

/**
 * A watermark in `materials`, `labels`, `features` and `examples`: all that the source brings to this partition of this
 * topic stands before it. Written to every partition, an empty one too.
 */
export interface SourcePartitionCompleted {
  readonly type: 'SourcePartitionCompleted';
  readonly source: string;
  readonly partition: number;
  /** The source's materials in this partition and the name of the set of their hashes, the same in all four topics. */
  readonly count: number;
  readonly hash: ContentHash;
}

/** In `features.<schema>`. */
export interface StructureFeaturized {
  readonly type: 'StructureFeaturized';
  readonly source: string;
  readonly facts: MaterialFacts;
  readonly featuresHash: ContentHash;
  /** Float64Array[281], NaN where not known. */
  readonly vector: Float64Array;
  /** What other methods say of the material. */
  readonly fidelities?: readonly FidelityValues[];
}

/** In `examples`: a label with the features of the material version that it belongs to. */
export interface ExampleFormed {
  readonly type: 'ExampleFormed';
  /** The label's. */
  readonly source: string;
  /** Without its tensor. */
  readonly label: Label;
  readonly facts: MaterialFacts;
  readonly featuresHash: ContentHash;
  readonly vector: Float64Array;
  /** Of the vector; absent in events of older versions. */
  readonly featureSchema?: string;
  /** Of the features. */
  readonly fidelities?: readonly FidelityValues[];
}

/** In `training`: a command. */
export interface TrainMember {
  readonly type: 'TrainMember';
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly member: number;
  /** How often the campaign had been parked before. */
  readonly parkings: number;
}

/** In `members`: what no retry cures has kept a member from being trained. */
export interface MemberFailed {
  readonly type: 'MemberFailed';
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly member: number;
  /** Of the command. */
  readonly parkings: number;
  /** For people. */
  readonly reason: string;
}

/** A member's model of one target. */
export interface TrainedTarget {
  readonly target: Target;
  /** Its name in the model store: 64 hexadecimal digits. */
  readonly model: string;
  readonly treesHash: ContentHash;
  readonly trainingRows: number;
  /** Over the held-out rows, in the target's unit; NaN without any. */
  readonly heldOut: { readonly mae: number; readonly rmse: number; readonly r2: number };
  /** Int32Array[n]: places in the snapshot's training labels, ascending; known to the label and not trained on. */
  readonly heldOutRows: Int32Array;
  /** Float64Array[n], in the target's unit. */
  readonly heldOutPredictions: Float64Array;
}

/** In `members`. The first of a snapshot and member is the model. */
export interface MemberTrained {
  readonly type: 'MemberTrained';
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly member: number;
  /** Of the trees sections of its boosters. */
  readonly modelHash: ContentHash;
  readonly targets: readonly TrainedTarget[];
  /** Architecture, Node major, LightGBM hash, code version. */
  readonly engine: string;
  /** Wall time; no part of the model. */
  readonly seconds: number;
}

/**
 * In `members`: the result store holds this partition of the round. A hint for other nodes: after a kill between the two
 * there is none, and whoever starts asks the store itself.
 */
export interface PredictionsStored {
  readonly type: 'PredictionsStored';
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly partition: number;
}

/** In `calculations`: a command. */
export interface CalculationRequested {
  readonly type: 'CalculationRequested';
  /** The hash of material version and recipe: campaigns that want the same one share it. */
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  readonly materialHash: ContentHash;
  /** JSON with sorted keys: what to calculate, and how. */
  readonly recipe: string;
  readonly attemptsMax: number;
  /** Where the label belongs. */
  readonly labelSet: string;
  /** How often the campaign had been parked before: a later request has a halted calculation tried again. */
  readonly parkings: number;
}

/** In `calculations`: what no retry cures keeps it from being done, until it is requested again. */
export interface CalculationHalted {
  readonly type: 'CalculationHalted';
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  /** Of the request. */
  readonly parkings: number;
  /** For people. */
  readonly reason: string;
}

/** In `calculations`. */
export interface CalculationAttemptFailed {
  readonly type: 'CalculationAttemptFailed';
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  /** From 1. */
  readonly attempt: number;
  readonly reason: string;
}

/** In `calculations`: no further attempt is made. */
export interface CalculationAbandoned {
  readonly type: 'CalculationAbandoned';
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  readonly attempts: number;
  readonly reason: string;
}

/** In `results`: what a calculation gave, not yet checked. */
export interface ResultReceived extends MeasuredValues {
  readonly type: 'ResultReceived';
  readonly calculationId: ContentHash;
  readonly attempt: number;
  readonly materialId: MaterialId;
  readonly materialHash: ContentHash;
  readonly labelSet: string;
  /** Its values are as reported: NaN and nonsense included. */
  readonly method: LabelMethod;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor?: Float64Array;
  /** In any order. */
  readonly deformations?: readonly Deformation[];
}

/** In `rejections`. */
export interface InputRejected {
  readonly type: 'InputRejected';
  /** The hash of source, locator and input: the same however often it is refused. */
  readonly id: ContentHash;
  readonly rejection: Rejection;
  /** Where a calculation's result was refused. */
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
