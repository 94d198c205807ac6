import type { StopRule } from '../learning/campaign/campaign-config.ts';
import {
  type CalculationOutcome,
  type CampaignCreated,
  type CampaignStreamEvent,
  isCampaignStreamEvent,
  type RoundOpened,
  type Selected,
} from '../learning/campaign/campaign-events.ts';
import type { StopReason } from '../learning/campaign/stop-rule.ts';
import type { Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { type CampaignStates, createCampaignStates } from './campaign-states.ts';
import { readToEnd } from './read-to-end.ts';

/** A round as the campaign's stream records it. Times are RFC 3339. */
export interface RoundHistory {
  readonly round: number;
  readonly opened: RoundOpened;
  readonly openedAt: string;
  selected?: Selected;
  selectedAt?: string;
  outcomes?: readonly CalculationOutcome[];
  closedAt?: string;
}

export interface CampaignHistory {
  readonly created: CampaignCreated;
  readonly createdAt: string;
  readonly rounds: RoundHistory[];
  /** The time of the stream's last event that counts. */
  lastAt: string;
  stopped?: StopReason;
  /** The stop rule that holds now: the configuration's, or the one that it was raised to. */
  stopRule: StopRule;
}

/** By name. Campaigns of one partition are in the order of their creation. */
export type CampaignHistories = ReadonlyMap<string, CampaignHistory>;

/** The events of each campaign that count, with their times: the states keep neither. */
export function createCampaignHistories(states: Pick<CampaignStates, 'onChange'>): CampaignHistories {
  const campaigns = new Map<string, CampaignHistory>();
  states.onChange(({ campaign, event, time }) => {
    if (!isCampaignStreamEvent(event)) return;
    // Only the first one counts, as in the state.
    if (event.type === 'CampaignCreated' && !campaigns.has(campaign)) {
      const stopRule = event.config.stop;
      campaigns.set(campaign, { created: event, createdAt: time, lastAt: time, rounds: [], stopRule });
    }
    const history = campaigns.get(campaign);
    if (history) add(history, event, time);
  });
  return campaigns;
}

function add(history: CampaignHistory, event: CampaignStreamEvent, time: string): void {
  history.lastAt = time;
  const round = 'round' in event ? history.rounds[event.round - 1] : undefined;
  if (event.type === 'RoundOpened') {
    history.rounds.push({ round: event.snapshot.round, opened: event, openedAt: time });
  } else if (event.type === 'Selected') Object.assign(round!, { selected: event, selectedAt: time });
  else if (event.type === 'RoundClosed') Object.assign(round!, { outcomes: event.outcomes, closedAt: time });
  else if (event.type === 'CampaignStopped') history.stopped = event.reason;
  else if (event.type === 'StopRuleRaised') {
    history.stopRule = event.stop;
    delete history.stopped;
  }
}

/** The histories of all campaigns in a log. */
export async function readHistories(log: EventLogReader, { campaigns }: Topics): Promise<CampaignHistories> {
  const states = createCampaignStates(campaigns);
  const histories = createCampaignHistories(states);
  await readToEnd(log, states);
  return histories;
}

/** The number of labels that a round trains on, without the test set. */
export function trainingLabelCount({ opened: { snapshot } }: RoundHistory): number {
  return snapshot.examples.count - snapshot.testSet.count;
}

/** The number of labels that were acquired before a round. */
export function acquiredBefore({ rounds }: CampaignHistory, round: number): number {
  const outcomes = rounds.slice(0, round - 1).flatMap((one) => one.outcomes ?? []);
  return outcomes.filter((outcome) => outcome === 'labelled').length;
}

/** The time from a round's opening to its selection. */
export function roundSeconds({ openedAt, selectedAt }: RoundHistory): number | undefined {
  return selectedAt === undefined ? undefined : (Date.parse(selectedAt) - Date.parse(openedAt)) / 1000;
}
