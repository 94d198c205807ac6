import { AppError } from '../../model/app-error.ts';
import { type ContentHash, contentHash } from '../../model/content-hash.ts';
import { sortedJson } from '../../model/sorted-json.ts';
import type { RoundUncertainty } from '../acquisition/uncertainty-metrics.ts';
import type { CampaignConfig, StopRule } from './campaign-config.ts';
import type { AuthoredEvent, CampaignStreamEvent, SelectedCandidate, SubsetMetrics } from './campaign-events.ts';
import type { CampaignState } from './campaign-state.ts';
import { nextStep, stopProgress } from './campaign-step.ts';
import { type RecordedConfig, recordedConfig } from './recorded-config.ts';
import { type RoundSnapshot, snapshotHash } from './round-snapshot.ts';
import type { StopFigure } from './stop-figures.ts';
import { endsWithRule, presentStopRule, sameStopRule, stopReason, stopRuleProblem } from './stop-rule.ts';

export type CampaignCommand =
  | {
      readonly type: 'CreateCampaign';
      readonly campaign: string;
      readonly config: CampaignConfig;
      readonly sources: readonly string[];
    }
  | { readonly type: 'ClaimEpoch'; readonly writer: string }
  | { readonly type: 'OpenRound'; readonly writer: string; readonly snapshot: RoundSnapshot }
  | {
      readonly type: 'SelectCandidates';
      readonly writer: string;
      readonly round: number;
      readonly candidates: readonly SelectedCandidate[];
      readonly metrics: readonly SubsetMetrics[];
      readonly uncertainty?: RoundUncertainty;
      readonly stopFigures?: readonly StopFigure[];
    }
  | { readonly type: 'ExpireCalculations'; readonly writer: string; readonly round: number }
  | { readonly type: 'CloseRound'; readonly writer: string; readonly round: number }
  | { readonly type: 'StopCampaign'; readonly writer: string }
  | { readonly type: 'RaiseStopRule'; readonly writer: string; readonly stop: StopRule }
  | { readonly type: 'PauseCampaign'; readonly writer: string }
  | { readonly type: 'ResumeCampaign'; readonly writer: string }
  | { readonly type: 'ParkCampaign'; readonly writer: string; readonly reason: string }
  | { readonly type: 'CancelCampaign'; readonly writer: string };

type Draft = AuthoredEvent extends infer E
  ? E extends AuthoredEvent
    ? Omit<E, 'epoch' | 'writer' | 'sequence'>
    : never
  : never;

/**
 * The events that a command causes; none if it is a repetition, comes too late or comes from a writer without the
 * current epoch. The caller appends the events, and acts on them only after it has read them back.
 * @throws AppError `internal` if the command contradicts the step to which it belongs
 */
export function decide(state: CampaignState, command: CampaignCommand): CampaignStreamEvent[] {
  if (command.type === 'CreateCampaign') {
    const { campaign, config, sources } = command;
    if (state.created !== undefined) return [];
    return [{ type: 'CampaignCreated', campaign, config, configHash: configHash(config), sources }];
  }
  if (state.created === undefined || state.newer !== undefined) return [];
  const { writer, type } = command;
  const endsStop = type === 'RaiseStopRule' || type === 'ClaimEpoch';
  if (state.stopped !== undefined && !(endsStop && endsWithRule(state.stopped))) return [];
  if (command.type === 'ClaimEpoch') {
    return state.writer === writer ? [] : [{ type: 'EpochClaimed', epoch: state.epoch + 1, writer }];
  }
  if (writer !== state.writer) return [];
  return draft(state, state.created.campaign, command).map((event, i): AuthoredEvent => {
    const authored = { epoch: state.epoch, writer, sequence: state.sequence + 1 + i };
    return { ...event, ...authored };
  });
}

/** Names a configuration by its content: the order of the keys in the file does not matter. */
export function configHash(config: CampaignConfig): ContentHash {
  return recordedHash(recordedConfig(config));
}

export function recordedHash(config: RecordedConfig): ContentHash {
  return contentHash('campaign-config', [sortedJson(config)]);
}

function draft(
  state: CampaignState,
  campaign: string,
  command: Exclude<CampaignCommand, { type: 'CreateCampaign' | 'ClaimEpoch' }>,
): Draft[] {
  const step = nextStep(state);
  switch (command.type) {
    case 'OpenRound': {
      const { snapshot } = command;
      if (step.step !== 'open_round' || step.round !== snapshot.round) return [];
      return [{ type: 'RoundOpened', snapshot, snapshotHash: snapshotHash(campaign, snapshot) }];
    }
    case 'SelectCandidates': {
      const { round, candidates, metrics, uncertainty, stopFigures } = command;
      if (step.step !== 'select' || step.round !== round) return [];
      const figures = stopFigures && { figures: stopFigures };
      const ends = stopReason(presentStopRule(state), { ...stopProgress(state), ...figures }) !== undefined;
      assertSelection(candidates, ends ? 0 : step.size);
      const measured = { ...(uncertainty && { uncertainty }), ...(stopFigures && { stopFigures }) };
      return [{ type: 'Selected', round, candidates, metrics, ...measured }];
    }
    case 'ExpireCalculations': {
      if (step.step !== 'await_calculations' || step.round !== command.round) return [];
      // All at once: if they came one by one, their order in the log would depend on a clock.
      return step.open.map(({ calculationId }) => ({ type: 'CalculationExpired', round: step.round, calculationId }));
    }
    case 'CloseRound':
      if (step.step !== 'close_round' || step.round !== command.round) return [];
      return [{ type: 'RoundClosed', round: step.round, outcomes: step.outcomes }];
    case 'StopCampaign':
      return step.step === 'stop' ? [{ type: 'CampaignStopped', reason: step.reason }] : [];
    case 'RaiseStopRule': {
      const present = presentStopRule(state);
      const isRaised = !sameStopRule(present, command.stop) && stopRuleProblem(present, command.stop) === undefined;
      return isRaised ? [{ type: 'StopRuleRaised', stop: command.stop }] : [];
    }
    case 'PauseCampaign':
      return state.paused ? [] : [{ type: 'CampaignPaused' }];
    case 'ResumeCampaign':
      return state.paused || state.parked !== undefined ? [{ type: 'CampaignResumed' }] : [];
    case 'ParkCampaign':
      return state.parked === undefined ? [{ type: 'CampaignParked', reason: command.reason }] : [];
    case 'CancelCampaign':
      return [{ type: 'CampaignStopped', reason: 'cancelled' }];
  }
}

function assertSelection(candidates: readonly SelectedCandidate[], size: number): void {
  const distinct = new Set(candidates.map(({ materialId }) => materialId)).size;
  if (candidates.length === size && distinct === size) return;
  throw new AppError('internal', `${candidates.length} selected (${distinct} different), where ${size} must be`);
}
