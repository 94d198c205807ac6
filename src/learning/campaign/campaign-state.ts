/**
 * The state of a campaign, from events alone.
 *
 * 1. The campaign's own stream is ordered. Only the events of the first claimant of the current epoch count, each
 *    sequence number once. So a deposed writer, a replay and a second delivery change nothing.
 * 2. Facts of other streams are kept under their own key, whether or not their round is known yet, and two facts with
 *    the same key merge to the same result in either order. So any interleaving of the streams gives the same state. A
 *    fact that contradicts the stream also changes nothing; the service that handles the topic rejects it.
 * 3. The first MemberTrained for a key determines the model; a different later one raises an alarm and changes nothing
 *    else.
 */
import type { ContentHash } from '../../model/content-hash.ts';
import { compareIds } from '../../model/id-order.ts';
import type { TargetCalibration } from '../acquisition/uncertainty-metrics.ts';
import type { StopRule } from './campaign-config.ts';
import {
  type AuthoredEvent,
  type CalculationOutcome,
  type CalculationSettled,
  type CampaignCreated,
  type CampaignEvent,
  type FailedFact,
  type HaltedFact,
  SETTLED_OUTCOMES,
  type SelectedCandidate,
  type SettledOutcome,
  type SourceCompleted,
  type SubsetMetrics,
  type TrainedFact,
} from './campaign-events.ts';
import { contradiction, isNext } from './campaign-validity.ts';
import { PersistentMap, PersistentSet } from './persistent-map.ts';
import type { RoundSnapshot } from './round-snapshot.ts';
import type { StopFigure } from './stop-figures.ts';
import type { StopReason } from './stop-rule.ts';

interface Settlement {
  readonly outcome: SettledOutcome;
  readonly labelId?: ContentHash;
}

/** A failure that no retry can cure. It counts until the campaign has been parked more often than `parkings`. */
export type Failure = Pick<FailedFact, 'parkings' | 'reason'>;

/** The recorded metrics without histograms. Every node keeps the state of all rounds, so it must stay small. */
type RoundMetrics = Omit<SubsetMetrics, 'standardDeviationHistogram' | 'standardDeviationBin'>;

export interface RoundState {
  readonly opened?: { readonly snapshot: RoundSnapshot; readonly snapshotHash: ContentHash };
  /** By `memberKey`. */
  readonly models: PersistentMap<string, ContentHash>;
  readonly selected?: readonly SelectedCandidate[];
  /** Metrics of the round's models, one entry per target and subset. */
  readonly metrics?: readonly RoundMetrics[];
  /** By the reserve, of the round's models. */
  readonly calibrations?: readonly TargetCalibration[];
  readonly stopFigures?: readonly StopFigure[];
  /** By calculation id. */
  readonly settled: PersistentMap<string, Settlement>;
  readonly expired: PersistentSet<string>;
  /** By calculation id, the failure of its latest request. */
  readonly halted: PersistentMap<string, Failure>;
  /** In the order of `selected`. */
  readonly outcomes?: readonly CalculationOutcome[];
}

export interface CampaignState {
  readonly created?: CampaignCreated;
  /** 0 before the first claim. */
  readonly epoch: number;
  readonly writer?: string;
  readonly sequence: number;
  readonly sources: PersistentMap<string, { readonly count: number; readonly hash: ContentHash }>;
  /** By round number, from 1. It may hold facts of a round whose opening this reader has not seen. */
  readonly rounds: PersistentMap<number, RoundState>;
  /** The stop rule in place of the configuration's, where it has been raised. */
  readonly raised?: StopRule;
  readonly paused: boolean;
  /** The reason why the campaign does no step until it is resumed. */
  readonly parked?: string;
  /** How many times the campaign has been parked. */
  readonly parkings: number;
  /** By `memberKey`, the failure of the latest command. */
  readonly failures: PersistentMap<string, Failure>;
  /** The type of an event that this version cannot read: only a newer version knows the state of the campaign. */
  readonly newer?: string;
  readonly stopped?: StopReason;
  /** Contradictions between facts, for people: a different model, source or settlement under one key. */
  readonly alarms: PersistentSet<string>;
}

export function initialState(): CampaignState {
  return {
    epoch: 0,
    sequence: 0,
    paused: false,
    parkings: 0,
    alarms: PersistentSet.of(),
    sources: PersistentMap.of(),
    rounds: PersistentMap.of(),
    failures: PersistentMap.of(),
  };
}

function newRound(): RoundState {
  return {
    models: PersistentMap.of(),
    settled: PersistentMap.of(),
    expired: PersistentSet.of(),
    halted: PersistentMap.of(),
  };
}

/** The state after an event; the same object if the event is a duplicate, stale or from a deposed writer. */
export function evolve(state: CampaignState, event: CampaignEvent): CampaignState {
  switch (event.type) {
    case 'CampaignCreated':
      if (state.created === undefined) return { ...state, created: event };
      return state.created.configHash === event.configHash ? state : alarmed(state, `created:${event.configHash}`);
    case 'EpochClaimed':
      if (event.epoch <= state.epoch || contradiction(state, event) !== undefined) return state;
      return { ...state, epoch: event.epoch, writer: event.writer };
    case 'SourceCompleted':
      return completeSource(state, event);
    case 'MemberTrained':
      return acceptModel(state, event);
    case 'MemberFailed':
      return noteFailure(state, event);
    case 'CalculationSettled':
      return settle(state, event);
    case 'CalculationHalted':
      return halt(state, event);
    case 'NewerEventMet':
      return state.newer === undefined || event.name < state.newer ? { ...state, newer: event.name } : state;
    default: {
      const isAccepted = isNext(state, event) && contradiction(state, event) === undefined;
      return isAccepted ? append({ ...state, sequence: event.sequence }, event) : state;
    }
  }
}

export function roundOf(state: CampaignState, round: number): RoundState {
  return state.rounds.get(round) ?? newRound();
}

/** A model belongs to the snapshot on which it was trained, not only to a round. */
export function memberKey(snapshotHash: ContentHash, member: number): string {
  return `${snapshotHash}/${member}`;
}

function append(state: CampaignState, event: AuthoredEvent): CampaignState {
  switch (event.type) {
    case 'RoundOpened': {
      const { snapshot, snapshotHash } = event;
      return withRound(state, snapshot.round, { opened: { snapshot, snapshotHash } });
    }
    case 'Selected':
      return withRound(state, event.round, {
        selected: event.candidates,
        metrics: event.metrics.map(withoutHistogram),
        ...(event.uncertainty && { calibrations: event.uncertainty.calibrations }),
        ...(event.stopFigures && { stopFigures: event.stopFigures }),
      });
    case 'CalculationExpired': {
      const expired = roundOf(state, event.round).expired.with(event.calculationId);
      return withRound(state, event.round, { expired });
    }
    case 'RoundClosed':
      return withRound(state, event.round, { outcomes: event.outcomes });
    case 'CampaignStopped':
      return { ...state, stopped: event.reason };
    case 'StopRuleRaised': {
      const { stopped: _, ...others } = state;
      return { ...others, raised: event.stop };
    }
    case 'CampaignPaused':
      return { ...state, paused: true };
    case 'CampaignResumed': {
      const { parked: _, ...others } = state;
      return { ...others, paused: false };
    }
    case 'CampaignParked':
      return { ...state, parked: event.reason, parkings: state.parkings + 1 };
  }
}

function withoutHistogram({
  standardDeviationHistogram: _,
  standardDeviationBin: __,
  ...metrics
}: SubsetMetrics): RoundMetrics {
  return metrics;
}

function completeSource(state: CampaignState, { source, count, hash }: SourceCompleted): CampaignState {
  const known = state.sources.get(source);
  if (known === undefined) return { ...state, sources: state.sources.with(source, { count, hash }) };
  return known.hash === hash && known.count === count ? state : alarmed(state, `source:${source}:${hash}`);
}

function acceptModel(state: CampaignState, { round, snapshotHash, member, modelHash }: TrainedFact): CampaignState {
  const { models } = roundOf(state, round);
  const key = memberKey(snapshotHash, member);
  const known = models.get(key);
  if (known === undefined) return withRound(state, round, { models: models.with(key, modelHash) });
  return known === modelHash ? state : alarmed(state, `model:${key}:${modelHash}`);
}

function noteFailure(state: CampaignState, event: FailedFact): CampaignState {
  const key = memberKey(event.snapshotHash, event.member);
  const { failures } = state;
  return isLater(event, failures.get(key)) ? { ...state, failures: failures.with(key, failureOf(event)) } : state;
}

function halt(state: CampaignState, event: HaltedFact): CampaignState {
  const { round, calculationId } = event;
  const { halted } = roundOf(state, round);
  if (!isLater(event, halted.get(calculationId))) return state;
  return withRound(state, round, { halted: halted.with(calculationId, failureOf(event)) });
}

/** Of two failures with the same key, the one of the later command counts; for the same command, the smaller reason. */
function isLater({ parkings, reason }: Failure, known: Failure | undefined): boolean {
  return known === undefined || (parkings - known.parkings || compareIds(known.reason, reason)) > 0;
}

function failureOf({ parkings, reason }: Failure): Failure {
  return { parkings, reason };
}

function settle(state: CampaignState, event: CalculationSettled): CampaignState {
  const { round, calculationId, outcome, labelId } = event;
  const next: Settlement = labelId === undefined ? { outcome } : { outcome, labelId };
  const { settled } = roundOf(state, round);
  const known = settled.get(calculationId);
  const order = known === undefined ? -1 : compareSettlements(next, known);
  if (order === 0) return state;
  const joined = order < 0 ? withRound(state, round, { settled: settled.with(calculationId, next) }) : state;
  return known === undefined ? joined : alarmed(joined, `settlement:${calculationId}`);
}

/**
 * A label wins over a rejection, and a rejection over giving up; of two labels, the smaller id wins. The order of
 * arrival does not matter.
 */
function compareSettlements(a: Settlement, b: Settlement): number {
  const rank = SETTLED_OUTCOMES.indexOf(a.outcome) - SETTLED_OUTCOMES.indexOf(b.outcome);
  return rank || compareIds(a.labelId ?? '', b.labelId ?? '');
}

function withRound(state: CampaignState, round: number, change: Partial<RoundState>): CampaignState {
  return { ...state, rounds: state.rounds.with(round, { ...roundOf(state, round), ...change }) };
}

function alarmed(state: CampaignState, alarm: string): CampaignState {
  return state.alarms.has(alarm) ? state : { ...state, alarms: state.alarms.with(alarm) };
}
