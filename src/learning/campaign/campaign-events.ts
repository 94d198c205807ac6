import type { ContentHash } from '../../model/content-hash.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { Target } from '../../model/target.ts';
import type { EnsembleMetrics } from '../acquisition/score-aggregates.ts';
import type { CampaignConfig } from './campaign-config.ts';
import type { RoundSnapshot } from './round-snapshot.ts';
import type { StopReason } from './stop-rule.ts';

/**
 * Stamped by the campaign's writer on what it appends to the campaign's stream. The sequence counts the accepted
 * events from 1 across epochs, which makes a second delivery of any of them recognisable.
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
  /** The sources whose completion round 1 waits for. */
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
  /** Per target, in its unit. */
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/**
 * How good the round's models are on one set of rows: `candidates`, those not chosen before the round, fall by
 * construction where the hard ones are chosen; only `test` says that the models got better.
 */
export interface SubsetMetrics extends EnsembleMetrics {
  readonly target: Target;
  readonly subset: 'candidates' | 'test';
  /** All rows, those without a known truth too. */
  readonly rows: number;
  /** Mean STDEV of the rows, in the target's unit. */
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
}

export interface CalculationExpired extends Authored {
  readonly type: 'CalculationExpired';
  readonly round: number;
  readonly calculationId: ContentHash;
}

export const SETTLED_OUTCOMES = ['labelled', 'rejected', 'abandoned'] as const;
export type SettledOutcome = (typeof SETTLED_OUTCOMES)[number];
export type CalculationOutcome = SettledOutcome | 'expired';

/** The outcomes that count, in the order of the selection. What arrives later enters the next snapshot as a label. */
export interface RoundClosed extends Authored {
  readonly type: 'RoundClosed';
  readonly round: number;
  readonly outcomes: readonly CalculationOutcome[];
}

export interface CampaignStopped extends Authored {
  readonly type: 'CampaignStopped';
  readonly reason: StopReason;
}

export interface CampaignPaused extends Authored {
  readonly type: 'CampaignPaused';
}

export interface CampaignResumed extends Authored {
  readonly type: 'CampaignResumed';
}

/** A failure that no retry cures: no step is done until the campaign is resumed. */
export interface CampaignParked extends Authored {
  readonly type: 'CampaignParked';
  /** For people. */
  readonly reason: string;
}

/** What the writer appends under its epoch. */
export type AuthoredEvent =
  | RoundOpened
  | Selected
  | CalculationExpired
  | RoundClosed
  | CampaignStopped
  | CampaignPaused
  | CampaignResumed
  | CampaignParked;

/** From the sources' streams. */
export interface SourceCompleted {
  readonly type: 'SourceCompleted';
  readonly source: string;
  readonly count: number;
  readonly hash: ContentHash;
}

/** From the members' streams. */
export interface MemberTrained {
  readonly type: 'MemberTrained';
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly member: number;
  /** Of the trees sections of its boosters. */
  readonly modelHash: ContentHash;
}

/** From the members' streams: what no retry cures has kept a member from being trained. */
export interface MemberFailed {
  readonly type: 'MemberFailed';
  readonly round: number;
  readonly snapshotHash: ContentHash;
  readonly member: number;
  /** How often the campaign had been parked when the member was commanded: a failure before the last time is over. */
  readonly parkings: number;
  readonly reason: string;
}

/** Derived by the handler from events of this campaign that only a newer version can read. */
interface NewerEventMet {
  readonly type: 'NewerEventMet';
  readonly name: string;
}

/** Derived by the handler from labels, rejections and calculations. */
export interface CalculationSettled {
  readonly type: 'CalculationSettled';
  readonly round: number;
  readonly calculationId: ContentHash;
  readonly outcome: SettledOutcome;
  readonly labelId?: ContentHash;
}

/** Derived by the handler from what keeps a calculation from being done, and no retry cures. */
export interface CalculationHalted {
  readonly type: 'CalculationHalted';
  readonly round: number;
  readonly calculationId: ContentHash;
  /** How often the campaign had been parked when it was requested: what was before the last time is over. */
  readonly parkings: number;
  readonly reason: string;
}

/** What reaches the campaign from other streams, in any order relative to its own. */
export type CampaignFact =
  | SourceCompleted
  | MemberTrained
  | MemberFailed
  | CalculationSettled
  | CalculationHalted
  | NewerEventMet;

/** What the campaign's own stream holds. */
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
  'CampaignPaused',
  'CampaignResumed',
  'CampaignParked',
]);

/** Whether an event of the log is one of a campaign's own stream. */
export function isCampaignStreamEvent<E extends { readonly type: string }>(event: E): event is E & CampaignStreamEvent {
  return STREAM_TYPES.has(event.type);
}
