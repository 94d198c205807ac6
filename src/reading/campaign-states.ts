import { type CampaignEvent, isCampaignStreamEvent } from '../learning/campaign/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../learning/campaign/campaign-state.ts';
import type { Topic } from '../model/topics.ts';
import type { Received } from '../runtime/decode-records.ts';
import type { Projection } from './projection.ts';

/** An event that changed the state of a campaign, and the state before it. */
interface CampaignChange {
  readonly campaign: string;
  readonly event: CampaignEvent;
  /** When the event was appended, RFC 3339. */
  readonly time: string;
  readonly before: CampaignState;
}

/** The state of each campaign. This is the only place where the campaigns' streams are folded. */
export interface CampaignStates extends Projection {
  /** In the order of their first events. */
  names(): readonly string[];
  state(campaign: string): CampaignState;
  /** Adds an event that was derived from other streams. The listeners are not told of it. */
  add(campaign: string, event: CampaignEvent): void;
  /** Calls the listener after each event that changes a state. A deposed writer's event or a second delivery changes none. */
  onChange(listener: (change: CampaignChange) => void): void;
}

/** @param topics `campaigns`, and also `members` if the states must know the trained members */
export function createCampaignStates(...topics: readonly Topic[]): CampaignStates {
  const states = new Map<string, CampaignState>();
  const listeners: ((change: CampaignChange) => void)[] = [];
  const state = (campaign: string) => states.get(campaign) ?? initialState();

  /** @returns the state before the event; undefined if the event changed nothing */
  function change(campaign: string, event: CampaignEvent): CampaignState | undefined {
    const before = state(campaign);
    const after = evolve(before, event);
    if (after === before) return undefined;
    states.set(campaign, after);
    return before;
  }

  return {
    topics,
    state,
    names: () => [...states.keys()],
    add: (campaign, event) => void change(campaign, event),
    onChange: (listener) => void listeners.push(listener),
    take(received) {
      const said = campaignEventOf(received);
      const before = said && change(said.campaign, said.event);
      if (before) for (const listener of listeners) listener({ ...said, time: received.time, before });
    },
  };
}

/** The campaign and the event that a record of `campaigns` or `members` contains; undefined if it contains none. */
function campaignEventOf({
  event,
  key,
}: Received): { readonly campaign: string; readonly event: CampaignEvent } | undefined {
  switch (event.type) {
    case 'MemberTrained':
    case 'MemberFailed':
      return { campaign: event.campaign, event };
    case 'NewerEvent': {
      const { campaign, name } = event;
      return campaign === undefined ? undefined : { campaign, event: { type: 'NewerEventMet', name } };
    }
    default:
      return isCampaignStreamEvent(event) ? { campaign: key, event } : undefined;
  }
}
