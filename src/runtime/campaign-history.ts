import type { StopRule } from '../learning/campaign/campaign-config.ts';
import {
  type CalculationOutcome,
  type CampaignCreated,
  isCampaignStreamEvent,
  type RoundOpened,
  type Selected,
} from '../learning/campaign/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../learning/campaign/campaign-state.ts';
import type { StopReason } from '../learning/campaign/stop-rule.ts';
import type { Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { decodeRecords, type Received } from './decode-records.ts';

/** A round as the campaign's stream tells it; times are RFC 3339. */
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
  /** When it last said anything. */
  lastAt: string;
  stopped?: StopReason;
  /** The rule that holds now: the configuration's, or what it was raised to. */
  stopRule: StopRule;
}

/** Campaigns by name, in the order of their creation as far as one stream can tell. */
export interface HistoryKeeper {
  /** The campaign whose history this event adds to; undefined where it adds to none. */
  take(received: Received): CampaignHistory | undefined;
  readonly campaigns: ReadonlyMap<string, CampaignHistory>;
}

export function createHistoryKeeper(): HistoryKeeper {
  const campaigns = new Map<string, CampaignHistory>();
  const states = new Map<string, CampaignState>();
  return {
    campaigns,
    take({ event, key, time }) {
      if (!isCampaignStreamEvent(event)) return undefined;
      // A deposed writer's events and second deliveries leave the state as it is.
      const before = states.get(key) ?? initialState();
      const after = evolve(before, event);
      if (after === before) return undefined;
      states.set(key, after);
      if (event.type === 'CampaignCreated') {
        campaigns.set(key, { created: event, createdAt: time, lastAt: time, rounds: [], stopRule: event.config.stop });
      }
      const history = campaigns.get(key);
      if (!history) return undefined;
      history.lastAt = time;
      const round = 'round' in event ? history.rounds[event.round - 1] : undefined;
      if (event.type === 'RoundOpened') {
        history.rounds.push({ round: event.snapshot.round, opened: event, openedAt: time });
      } else if (event.type === 'Selected') Object.assign(round!, { selected: event, selectedAt: time });
      else if (event.type === 'RoundClosed') {
        Object.assign(round!, { outcomes: event.outcomes, closedAt: time });
      } else if (event.type === 'CampaignStopped') history.stopped = event.reason;
      else if (event.type === 'StopRuleRaised') {
        history.stopRule = event.stop;
        delete history.stopped;
      }
      return history;
    },
  };
}

/** All campaigns of a log. */
export async function readHistories(log: EventLogReader, { campaigns }: Topics): Promise<HistoryKeeper['campaigns']> {
  const keeper = createHistoryKeeper();
  const ends = await log.endOffsets(campaigns.name);
  const ranges = ends.map((to, partition) => ({ topic: campaigns.name, partition, from: 0, to }));
  for await (const batch of log.read(ranges.filter(({ to }) => to > 0))) {
    for (const received of decodeRecords(batch).received) keeper.take(received);
  }
  return keeper.campaigns;
}

/** Labels that a round trains on, the test set apart. */
export function trainingLabelCount({ opened: { snapshot } }: RoundHistory): number {
  return snapshot.examples.count - snapshot.testSet.count;
}

/** Labels acquired before a round. */
export function acquiredBefore({ rounds }: CampaignHistory, round: number): number {
  const outcomes = rounds.slice(0, round - 1).flatMap((one) => one.outcomes ?? []);
  return outcomes.filter((outcome) => outcome === 'labelled').length;
}

/** From the opening of a round to its selection. */
export function roundSeconds({ openedAt, selectedAt }: RoundHistory): number | undefined {
  return selectedAt === undefined ? undefined : (Date.parse(selectedAt) - Date.parse(openedAt)) / 1000;
}
