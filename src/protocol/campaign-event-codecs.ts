import {
  type Authored,
  type CalculationExpired,
  type CalculationOutcome,
  type CampaignCreated,
  type CampaignParked,
  type CampaignPaused,
  type CampaignResumed,
  type CampaignStopped,
  type EpochClaimed,
  type RoundClosed,
  type RoundOpened,
  SETTLED_OUTCOMES,
  type Selected,
  type StopRuleRaised,
} from '../learning/campaign/campaign-events.ts';
import { STOP_REASONS } from '../learning/campaign/stop-rule.ts';
import { parseConfigJson, toConfigJson } from './campaign-config-json.ts';
import { hashField, nameField, requiredField, wordField } from './checked-field.ts';
import * as wire from './generated/elastream/v1/campaign.generated.ts';
import { messageCodec } from './message-codec.ts';
import { fromCandidateMessage, fromMetricsMessage, toMetricsMessage } from './selection-message.ts';
import { fromSnapshotMessage, toSnapshotMessage } from './snapshot-message.ts';
import { fromFigureMessage, fromLimitFields, toLimitFields } from './stop-rule-message.ts';
import { fromUncertaintyMessage, toUncertaintyMessage } from './uncertainty-message.ts';

const OUTCOMES: readonly CalculationOutcome[] = [...SETTLED_OUTCOMES, 'expired'];

/** Codecs for the events of a campaign's own stream. */
export const CAMPAIGN_EVENT_CODECS = {
  CampaignCreated: messageCodec<CampaignCreated, wire.CampaignCreated>(
    wire.CampaignCreated,
    (event) => ({ ...event, configJson: toConfigJson(event.config) }),
    (message) => {
      const configHash = hashField(message.configHash, 'config_hash');
      return {
        type: 'CampaignCreated',
        campaign: nameField(message.campaign, 'campaign'),
        config: parseConfigJson(message.configJson, configHash),
        configHash,
        sources: message.sources,
      };
    },
  ),
  EpochClaimed: messageCodec<EpochClaimed, wire.EpochClaimed>(
    wire.EpochClaimed,
    (event) => event,
    ({ epoch, writer }) => ({ type: 'EpochClaimed', epoch, writer: nameField(writer, 'writer') }),
  ),
  RoundOpened: messageCodec<RoundOpened, wire.RoundOpened>(
    wire.RoundOpened,
    (event) => ({ ...event, authored: event, snapshot: toSnapshotMessage(event.snapshot) }),
    ({ authored, snapshot, snapshotHash }) => ({
      type: 'RoundOpened',
      ...fromAuthoredMessage(authored),
      snapshot: fromSnapshotMessage(requiredField(snapshot, 'snapshot'), 'snapshot'),
      snapshotHash: hashField(snapshotHash, 'snapshot_hash'),
    }),
  ),
  Selected: messageCodec<Selected, wire.Selected>(
    wire.Selected,
    (event) => ({
      ...event,
      authored: event,
      metrics: event.metrics.map(toMetricsMessage),
      uncertainty: event.uncertainty && toUncertaintyMessage(event.uncertainty),
      stopFigures: [...(event.stopFigures ?? [])],
    }),
    ({ authored, round, candidates, metrics, uncertainty, stopFigures }) => ({
      type: 'Selected',
      ...fromAuthoredMessage(authored),
      round,
      candidates: candidates.map(fromCandidateMessage),
      metrics: metrics.map(fromMetricsMessage),
      ...(uncertainty && { uncertainty: fromUncertaintyMessage(uncertainty) }),
      ...(stopFigures.length > 0 && { stopFigures: stopFigures.map(fromFigureMessage) }),
    }),
  ),
  CalculationExpired: messageCodec<CalculationExpired, wire.CalculationExpired>(
    wire.CalculationExpired,
    (event) => ({ ...event, authored: event }),
    ({ authored, round, calculationId }) => ({
      type: 'CalculationExpired',
      ...fromAuthoredMessage(authored),
      round,
      calculationId: hashField(calculationId, 'calculation_id'),
    }),
  ),
  RoundClosed: messageCodec<RoundClosed, wire.RoundClosed>(
    wire.RoundClosed,
    (event) => ({ ...event, authored: event }),
    ({ authored, round, outcomes }) => ({
      type: 'RoundClosed',
      ...fromAuthoredMessage(authored),
      round,
      outcomes: outcomes.map((outcome) => wordField(outcome, OUTCOMES, 'outcomes')),
    }),
  ),
  CampaignStopped: messageCodec<CampaignStopped, wire.CampaignStopped>(
    wire.CampaignStopped,
    (event) => ({ ...event, authored: event }),
    ({ authored, reason }) => ({
      type: 'CampaignStopped',
      ...fromAuthoredMessage(authored),
      reason: wordField(reason, STOP_REASONS, 'reason'),
    }),
  ),
  StopRuleRaised: messageCodec<StopRuleRaised, wire.StopRuleRaised>(
    wire.StopRuleRaised,
    (event) => ({ authored: event, ...toLimitFields(event.stop) }),
    ({ authored, ...limits }) => ({
      type: 'StopRuleRaised',
      ...fromAuthoredMessage(authored),
      stop: fromLimitFields(limits),
    }),
  ),
  CampaignPaused: messageCodec<CampaignPaused, wire.CampaignPaused>(
    wire.CampaignPaused,
    (event) => ({ authored: event }),
    ({ authored }) => ({ type: 'CampaignPaused', ...fromAuthoredMessage(authored) }),
  ),
  CampaignResumed: messageCodec<CampaignResumed, wire.CampaignResumed>(
    wire.CampaignResumed,
    (event) => ({ authored: event }),
    ({ authored }) => ({ type: 'CampaignResumed', ...fromAuthoredMessage(authored) }),
  ),
  CampaignParked: messageCodec<CampaignParked, wire.CampaignParked>(
    wire.CampaignParked,
    (event) => ({ ...event, authored: event }),
    ({ authored, reason }) => ({ type: 'CampaignParked', ...fromAuthoredMessage(authored), reason }),
  ),
};

function fromAuthoredMessage(message: wire.Authored | undefined): Authored {
  const { epoch, writer, sequence } = requiredField(message, 'authored');
  return { epoch, writer: nameField(writer, 'authored.writer'), sequence };
}
