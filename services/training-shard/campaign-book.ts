import { isCampaignStreamEvent } from '../../src/learning/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../../src/learning/campaign-state.ts';
import type { Received } from '../../src/runtime/decode-records.ts';

/** The campaigns of the log, as their own streams and those of their members tell them. */
export interface CampaignBook {
  take(received: Received): void;
  names(): readonly string[];
  state(campaign: string): CampaignState;
}

export function createCampaignBook(): CampaignBook {
  const states = new Map<string, CampaignState>();
  const state = (campaign: string) => states.get(campaign) ?? initialState();
  return {
    state,
    names: () => [...states.keys()],
    take({ event, key }) {
      const campaign = event.type === 'MemberTrained' ? event.campaign : key;
      const known = state(campaign);
      const isOfCampaign = event.type === 'MemberTrained' || isCampaignStreamEvent(event);
      const next = isOfCampaign ? evolve(known, event) : known;
      if (next !== known) states.set(campaign, next);
    },
  };
}
