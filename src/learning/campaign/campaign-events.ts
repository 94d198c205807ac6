import type { ContentHash } from '../../model/content-hash.ts';
import type { CalculationHalted, MemberFailed, MemberTrained } from '../../model/events.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { Target } from '../../model/target.ts';
import type { EnsembleMetrics } from '../acquisition/score-aggregates.ts';
import type { RoundUncertainty } from '../acquisition/uncertainty-metrics.ts';
import type { CampaignConfig, StopRule } from './campaign-config.ts';
import type { RoundSnapshot } from './round-snapshot.ts';
import type { StopFigure } from './stop-figures.ts';
import type { StopReason } from './stop-rule.ts';

/**
 * Set by the campaign's writer on each event that it appends to the campaign's stream. The sequence counts the accepted
 * events from 1 across epochs, so that a second delivery of any of them can be recognised.
 */
export interface Authored {
  readonly epoch: number;
  readonly writer: string;
  readonly sequence: number;
}

export interface CampaignCreated {
  readonly type: 'CampaignCreated';
  readonly campaign: string;
  readonly config: CampaignConfig;
  readonly configHash: ContentHash;
  /** The sources for whose completion round 1 waits. */
  readonly sources: readonly string[];
}

export interface EpochClaimed {
  readonly type: 'EpochClaimed';
  readonly epoch: number;
  readonly writer: string;
}

export interface RoundOpened extends Authored {
  readonly type: 'RoundOpened';
  readonly snapshot: RoundSnapshot;
  readonly snapshotHash: ContentHash;
}

export interface SelectedCandidate {
  readonly materialId: MaterialId;
  readonly materialHash: ContentHash;
  readonly calculationId: ContentHash;
  readonly score: number;
  /** Mean over the members, per target, in the target's unit. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/**
 * The quality of the round's models on one set of rows. `candidates` are the rows not selected before the round: if the
 * hard ones are selected, their errors fall by construction. Only `test` shows that the models became better.
 */
export interface SubsetMetrics extends EnsembleMetrics {
  readonly target: Target;
  readonly subset: 'candidates' | 'test';
  /** The number of all rows, including those without a known true value. */
  readonly rows: number;
  /** Mean over the rows of the STDEV over the members, in the target's unit. */
  readonly standardDeviationMean: number;
  /** As in ScoreAggregates. */
  readonly standardDeviationHistogram: readonly number[];
  readonly standardDeviationBin: number;
}

export interface Selected extends Authored {
  readonly type: 'Selected';
  readonly round: number;
  /** Best first; empty in the last round, which only measures. */
  readonly candidates: readonly SelectedCandidate[];
  readonly metrics: readonly SubsetMetrics[];
  /** How far the STDEV is an error bar; absent in logs of versions that did not measure it. */
  readonly uncertainty?: RoundUncertainty;
  /** By which the stop rule decides; absent where it counts labels and rounds alone. */
  readonly stopFigures?: readonly StopFigure[];
}

export interface CalculationExpired extends Authored {
  readonly type: 'CalculationExpired';
  readonly round: number;
  readonly calculationId: ContentHash;
}

export const SETTLED_OUTCOMES = ['labelled', 'rejected', 'abandoned'] as const;
export type SettledOutcome = (typeof SETTLED_OUTCOMES)[number];
export type CalculationOutcome = SettledOutcome | 'expired';

/** The outcomes that count, in the order of the selection. A label that arrives later enters the next snapshot. */
export interface RoundClosed extends Authored {
  readonly type: 'RoundClosed';
  readonly round: number;
  readonly outcomes: readonly CalculationOutcome[];
}

export interface CampaignStopped extends Authored {
  readonly type: 'CampaignStopped';
  readonly reason: StopReason;
}

/** It lets the campaign go on for longer, also one that its rule had stopped. */
export interface StopRuleRaised extends Authored {
  readonly type: 'StopRuleRaised';
  /** The whole rule from here on. */
  readonly stop: StopRule;
}

export interface CampaignPaused extends Authored {
  readonly type: 'CampaignPaused';
}

export interface CampaignResumed extends Authored {
  readonly type: 'CampaignResumed';
}

/** A failure that no retry can cure: the campaign does no step until it is resumed. */
export interface CampaignParked extends Authored {
  readonly type: 'CampaignParked';
  /** A text for people. */
  readonly reason: string;
}

/** The events that the writer appends under its epoch. */
export type AuthoredEvent =
  | RoundOpened
  | Selected
  | CalculationExpired
  | RoundClosed
  | CampaignStopped
  | StopRuleRaised
  | CampaignPaused
  | CampaignResumed
  | CampaignParked;

/** A fact from the sources' streams. */
export interface SourceCompleted {
  readonly type: 'SourceCompleted';
  readonly source: string;
  readonly count: number;
  readonly hash: ContentHash;
}

/** What a campaign takes of a member's model: the first one for a snapshot and member is the model. */
export type TrainedFact = Pick<MemberTrained, 'type' | 'round' | 'snapshotHash' | 'member' | 'modelHash'>;

/** What a campaign takes of a failure to train a member. A failure older than the last parking no longer counts. */
export type FailedFact = Omit<MemberFailed, 'campaign'>;

/** The handler derives it from events of this campaign that only a newer version can read. */
interface NewerEventMet {
  readonly type: 'NewerEventMet';
  readonly name: string;
}

/** The handler derives it from labels, rejections and calculations. */
export interface CalculationSettled {
  readonly type: 'CalculationSettled';
  readonly round: number;
  readonly calculationId: ContentHash;
  readonly outcome: SettledOutcome;
  readonly labelId?: ContentHash;
}

/** The handler adds the round that waits for the calculation. A failure before the last parking no longer counts. */
export interface HaltedFact extends Omit<CalculationHalted, 'materialId'> {
  readonly round: number;
}

/** Events that reach the campaign from other streams, in any order relative to its own. */
export type CampaignFact = SourceCompleted | TrainedFact | FailedFact | CalculationSettled | HaltedFact | NewerEventMet;

/** The events of the campaign's own stream. */
export type CampaignStreamEvent = CampaignCreated | EpochClaimed | AuthoredEvent;

export type CampaignEvent = CampaignStreamEvent | CampaignFact;

const STREAM_TYPES: ReadonlySet<string> = new Set<CampaignStreamEvent['type']>([
  'CampaignCreated',
  'EpochClaimed',
  'RoundOpened',
  'Selected',
  'CalculationExpired',
  'RoundClosed',
  'CampaignStopped',
  'StopRuleRaised',
  'CampaignPaused',
  'CampaignResumed',
  'CampaignParked',
]);

/** Whether an event of the log belongs to a campaign's own stream. */
export function isCampaignStreamEvent<E extends { readonly type: string }>(event: E): event is E & CampaignStreamEvent {
  return STREAM_TYPES.has(event.type);
}
